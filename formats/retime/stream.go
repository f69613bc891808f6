package retime

import (
	"errors"
	"fmt"

	"github.com/pialign/pialign/align"
)

// Stream maps the instants of one stream, in its order, and sees to it that what ran forwards still does.
type Stream struct {
	Retime align.Retimer
	batch  align.Batch // of the same stream; nil as long as nobody asks for many
	any    bool
	device align.DeviceTime // the one before
	host   int64
}

// Next maps at. blank asks to leave it empty. An error is the Retimer's, or ErrOrder.
func (s *Stream) Next(at align.DeviceTime) (host int64, blank bool, err error) {
	host, err = s.Retime(at)
	if errors.Is(err, align.ErrBlank) {
		return 0, true, nil
	}
	if err != nil {
		return 0, false, err
	}
	if s.any && at >= s.device && host < s.host {
		return 0, false, fmt.Errorf("%w: %d after %d, mapped to %d after %d", ErrOrder, at, s.device, host, s.host)
	}
	s.any, s.device, s.host = true, at, host
	return host, false, nil
}

// Map is Next for many: it puts the host instants of src into dst and returns how many there are. blank and err are about the instant after
// them. Where blank is asked for, the stream goes on behind it.
func (s *Stream) Map(dst []int64, src []align.DeviceTime) (n int, blank bool, err error) {
	if s.batch == nil {
		s.batch = s.Retime.Batch()
	}
	n, err = s.batch(dst, src)
	device, host, any := s.device, s.host, s.any
	defer func() { s.device, s.host, s.any = device, host, any }()
	for i, at := range src[:n] {
		if any && at >= device && dst[i] < host {
			return i, false, fmt.Errorf("%w: %d after %d, mapped to %d after %d", ErrOrder, at, device, dst[i], host)
		}
		device, host, any = at, dst[i], true
	}
	if errors.Is(err, align.ErrBlank) {
		return n, true, nil
	}
	return n, false, err
}
