package retime

import (
	"errors"
	"fmt"

	"github.com/pialign/pialign/align"
)

// Stream maps the instants of one stream, in its order, and sees to it that what ran forwards still does.
type Stream struct {
	Retime align.Retimer
	Pauses *Pauses     // where they are noted; nil: nowhere
	batch  align.Batch // of the same stream; nil as long as nobody asks for many
	any    bool
	device align.DeviceTime // the one before
	host   int64
}

// Next maps at. blank asks to leave it empty. An error is the Retimer's, or ErrOrder.
func (s *Stream) Next(at align.DeviceTime) (host int64, blank bool, err error) {
	host, err = s.Retime(at)
	if errors.Is(err, align.ErrBlank) {
		s.empty()
		return 0, true, nil
	}
	if err != nil {
		return 0, false, err
	}
	if s.any && at >= s.device && host < s.host {
		return 0, false, fmt.Errorf("%w: %d after %d, mapped to %d after %d", ErrOrder, at, s.device, host, s.host)
	}
	s.any, s.device, s.host = true, at, host
	if s.Pauses != nil {
		s.Pauses.to(host)
	}
	return host, false, nil
}

// Map is Next for many: it puts the host instants of src into dst and returns how many there are. blank and err are about the instant after
// them. Where blank is asked for, the stream goes on behind it.
func (s *Stream) Map(dst []int64, src []align.DeviceTime) (n int, blank bool, err error) {
	if s.batch == nil {
		s.batch = s.Retime.Batch()
	}
	n, err = s.batch(dst, src)
	if i := s.disorder(dst, src[:n]); i < n {
		return i, false, fmt.Errorf("%w: %d after %d, mapped to %d after %d", ErrOrder, src[i], s.device, dst[i], s.host)
	}
	if errors.Is(err, align.ErrBlank) {
		s.empty()
		return n, true, nil
	}
	return n, false, err
}

// empty notes that a time is left empty.
func (s *Stream) empty() {
	if s.Pauses != nil {
		s.Pauses.unknown = true
	}
}

// disorder returns the first of src that would run backwards, and goes on to the one before it; len(src) if there is none.
func (s *Stream) disorder(dst []int64, src []align.DeviceTime) int {
	dst = dst[:len(src)]
	if len(src) == 0 || s.any && src[0] >= s.device && dst[0] < s.host {
		return 0
	}
	if s.Pauses != nil {
		s.Pauses.to(dst[0])
	}
	device, host := src[0], dst[0]
	i := 1
	for ; i < len(src); i++ {
		at, to := src[i], dst[i]
		if uint64(to-host) > uint64(gapLength) { // backwards, or a pause: one look for both, since this is asked of every sample
			if to < host && at >= device {
				break
			}
			if s.Pauses != nil && to > host {
				s.Pauses.add(host, to)
			}
		}
		device, host = at, to
	}
	s.any, s.device, s.host = true, device, host
	if s.Pauses != nil {
		s.Pauses.Last = host
	}
	return i
}
