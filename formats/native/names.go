package native

import (
	"regexp"
	"strings"

	"github.com/pialign/pialign/formats/infojson"
)

// kind is what a file of a recording is.
type kind int

const (
	plain    kind = iota // no times by its name, as far as is known
	infoFile             // info.json
	stamps               // an array of stamps
	raw                  // records or packets
	manifest             // manifest.json
	crcFile              // manifest.json.crc
	media                // holds no stamps, and is never looked into
)

// The files with names of their own, in lower case.
const (
	eventTimes   = "event.time"
	eventNames   = "event.txt"
	manifestName = "manifest.json"
	crcName      = "manifest.json.crc"
)

// streamName are the names of the phone's files with times in or beside them: the parts of a stream, which count from
// 1 for each, the streams that Pupil Cloud makes of them, and the events.
var streamName = regexp.MustCompile(`( ps[0-9]+|_200hz)(\.original)?\.(raw|time|time_aux|time_hw)$|^gaze_200hz\.|^event\.time$`)

// Is reports whether a file of that name is one by which a folder is known to be the phone's.
func Is(name string) bool { return streamName.MatchString(strings.ToLower(name)) }

// part splits the name of a part into stream and extension: `gaze ps2.raw`, `gaze_200hz.raw`.
var part = regexp.MustCompile(`^(.+?)( ps([0-9]+)|_200hz)(\.original)?\.([^.]+)$`)

// kindOf says what a file is by its name in lower case.
func kindOf(base string) kind {
	switch base {
	case infojson.Name:
		return infoFile
	case manifestName:
		return manifest
	case crcName:
		return crcFile
	}
	i := strings.LastIndexByte(base, '.')
	ext := base[i+1:]
	switch {
	case i < 0:
		return plain
	case ext == "time" || ext == "time_aux" || ext == "time_hw":
		return stamps
	case ext == "raw":
		return raw
	case ext == "mp4" || ext == "mjpeg":
		return media
	}
	return plain
}

// stream returns the stream that a file is a part of, in lower case: "gaze" of "gaze ps2.raw". Without a part it is
// the name up to its extension.
func stream(base string) string {
	if m := part.FindStringSubmatch(base); m != nil {
		return m[1]
	}
	return base[:max(strings.LastIndexByte(base, '.'), 0)]
}

// partner returns the name of the file beside base with another extension.
func partner(base, ext string) string { return base[:strings.LastIndexByte(base, '.')+1] + ext }
