package native

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrLayout: what lies in a file of records is not known, so that nobody can say which of its bytes are times.
var ErrLayout = errors.New("layout of the records is not known")

// maxLayout is far above a real .dtype of less than a kilobyte.
const maxLayout = 1 << 20

// record is the layout of the records of one file.
type record struct {
	size  int
	times []field // ascending
}

// field is a stamp inside a record: an int64 or uint64, little-endian.
type field struct {
	name string
	at   int // its first byte
}

// stampsOnly is the layout of a .time.
var stampsOnly = record{size: 8, times: []field{{"time", 0}}}

// instants are the fields that hold stamps. Source: the .dtype files of real Neon recordings.
var instants = map[string]bool{"timestamp_ns": true, "start_timestamp_ns": true, "end_timestamp_ns": true}

// sizes of the numbers that a record may be made of, as numpy calls them.
var sizes = map[string]int{
	"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8,
	"float16": 2, "float32": 4, "float64": 8,
	"?": 1, "i1": 1, "u1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "i8": 8, "u8": 8, "f2": 2, "f4": 4, "f8": 8,
}

var wide = map[string]bool{"int64": true, "uint64": true, "i8": true, "u8": true}

var (
	dtypeField = regexp.MustCompile(`^\s*\(\s*(?:"([^"\\]+)"|'([^'\\]+)')\s*,\s*(?:"([^"\\]+)"|'([^'\\]+)')\s*,?\s*\)\s*`)
	timelike   = regexp.MustCompile(`(?i)time|_ns\b|_ns$|stamp`)
)

// parseLayout reads a .dtype: a list of ("name", "type") as Python writes one. Records are packed. What is not
// understood to the last character is ErrLayout: a field more or less moves every stamp behind it.
func parseLayout(text string) (record, error) {
	var r record
	bad := func(format string, args ...any) (record, error) {
		return record{}, fmt.Errorf("%w: %s", ErrLayout, fmt.Sprintf(format, args...))
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(text, "\xef\xbb\xbf")), "[")
	if !ok {
		return bad(`expected a list of ("name", "type")`)
	}
	seen := map[string]bool{}
	for n := 1; ; n++ {
		if rest = strings.TrimSpace(rest); rest == "]" {
			break
		}
		m := dtypeField.FindStringSubmatch(rest)
		if m == nil {
			return bad(`field %d: expected ("name", "type") at %.40q`, n, rest)
		}
		if rest = rest[len(m[0]):]; strings.HasPrefix(rest, ",") {
			rest = rest[1:]
		} else if rest != "]" {
			return bad("field %d: expected a comma after it", n)
		}
		name, typ := m[1]+m[2], m[3]+m[4]
		bare := strings.TrimLeft(typ, "<|") // little-endian, or of one byte
		size, known := sizes[bare]
		stamp := instants[name]
		switch {
		case seen[name]:
			return bad("field %d: %q stands there twice", n, name)
		case !known:
			return bad("field %d: %q has type %q, which is not known", n, name, typ)
		case stamp && !wide[bare]:
			return bad("field %d: %q is a stamp of type %q; expected int64", n, name, typ)
		case !stamp && (wide[bare] || timelike.MatchString(name)):
			return bad("field %d: %q (%s) may be a time, but is none that is known", n, name, typ)
		case stamp:
			r.times = append(r.times, field{name, r.size})
		}
		seen[name] = true
		r.size += size
	}
	if r.size == 0 {
		return bad("no fields")
	}
	if r.size > maxRecord {
		return bad("a record of %d bytes", r.size)
	}
	return r, nil
}

// maxRecord is the largest record that is read. Real ones have up to 80 bytes.
const maxRecord = 64 << 10

// untimed are the streams whose records hold no times whatever their era, and the bytes of one, 0 where that differs.
// Source: the vendor's readers, and real Neon files.
var untimed = map[string]int{"gaze": 8, "gaze_left": 8, "gaze_right": 8, "worn": 1, "eye_state": 0}

// sharedLayout says whose .dtype speaks for a stream that has none of its own.
var sharedLayout = map[string]string{"gaze_left": "gaze", "gaze_right": "gaze"}
