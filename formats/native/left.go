package native

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// headSize is how far into a text times are looked for: some thousand lines.
const headSize = 256 << 10

// silent are files that every recording has and that hold no times of it as the phone's clock tells them, or none that
// anybody can read: settings, text of users, the app's own log, the log of a sensor.
var silent = regexp.MustCompile(`^(wearer\.json|template\.json|event\.txt|calibration\.bin|scene_camera\.json|android\.log\.zip|imu\.proto|.*\.dtype|.*_sae_log_[0-9]+\.bin|.*\.(png|jpe?g))$`)

// scanOther copies a file that is none of those with times. A text that holds instants of the recording is refused: they
// would stay the phone's among others that do not. What nobody can look into is worth a warning, and refused where it is
// named like the part of a stream.
func (u *run) scanOther(f folder.File, in *folder.Input, s *scanned) error {
	if silent.MatchString(f.Base()) || f.Size == 0 {
		return u.copy(f, in, s)
	}
	head := make([]byte, min(f.Size, headSize))
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading %s: %w", f.Path, err)
	}
	head = head[:n]
	wide := bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) // UTF-16
	binary := !wide && bytes.IndexByte(head, 0) >= 0
	switch {
	case binary && part.MatchString(f.Base()):
		return fmt.Errorf("%s: %w: its name is that of a stream of the phone, and it may hold times; move it out of the folder", f.Path, ErrLayout)
	case slices.Contains(packed, path.Ext(f.Base())):
		binary = true
	default:
		text := bytes.ReplaceAll(head, []byte{0}, nil) // of UTF-16 its ASCII, also where no mark says that it is
		for line := 1; len(text) > 0; line++ {
			var l []byte
			l, text, _ = bytes.Cut(text, []byte("\n"))
			if at, ok := retime.FindInstant(l, u.anyNear); ok {
				return fmt.Errorf("%s: line %d holds %d, %w; move the file out of the folder", f.Path, line, int64(at), retime.ErrLeft)
			}
		}
	}
	if binary {
		s.warnings = append(s.warnings, f.Name+": copied as it is; if it holds times, they are still the phone's")
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return u.copy(f, in, s)
}

// packed are texts and tables that are not looked into.
var packed = []string{".gz", ".bz2", ".xz", ".zst", ".zip", ".xlsx", ".parquet", ".feather", ".npy", ".npz", ".mat", ".xdf"}

// anyNear reports whether at is an instant of one of the recordings.
func (u *run) anyNear(at align.DeviceTime) bool {
	return slices.ContainsFunc(u.members, func(m *member) bool { return m.near(at) == nil })
}
