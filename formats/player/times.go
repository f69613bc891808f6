package player

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// isTime recognises the phone's own stamps, which Pupil Player leaves beside what it makes of them.
func isTime(base string) bool {
	for _, end := range []string{".time", ".time_aux", ".time_hw"} {
		if strings.HasSuffix(base, end) {
			return true
		}
	}
	return false
}

// times re-times a file of int64 ns, little-endian. Count and order stay; stamps may run backwards.
func (u *run) times(f folder.File, g *group, w io.Writer, r io.Reader, s *scanned) error {
	span := s.span("int64")
	retimer := mono(u.stream(g), span)
	events := f.Base() == "event.time"
	n, err := eachRecord(u.ctx, w, r, 8, func(_ int, b []byte) error {
		at := align.DeviceTime(binary.LittleEndian.Uint64(b))
		host, err := u.instant(g, at, events, retimer, span)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(b, uint64(host))
		return nil
	})
	s.rows = n
	return err
}

// instant maps one absolute instant that a file without empty cells holds.
func (u *run) instant(g *group, at align.DeviceTime, event bool, retimer align.Retimer, span *retime.Span) (int64, error) {
	if event && g.senderWhy(at, "", "") != "" {
		if u.opt.SenderStamps != retime.SenderDevice {
			return int64(at), nil
		}
	} else if !g.near(at) {
		return 0, farError(g, at)
	}
	host, err := retimer(at)
	if errors.Is(err, align.ErrBlank) {
		err = fmt.Errorf("%w: this form has no place for an empty time", err)
	}
	if err != nil {
		return 0, err
	}
	span.Add(at)
	return host, nil
}

func farError(g *group, at align.DeviceTime) error {
	if !g.Begun {
		return fmt.Errorf("%w: nothing says when the recording was", retime.ErrFar)
	}
	return fmt.Errorf("%w: %d is more than a day from %d, where the recording begins (cut off, or of another recording)", retime.ErrFar, at, g.Begin)
}
