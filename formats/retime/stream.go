package retime

import (
	"errors"
	"fmt"

	"github.com/pialign/pialign/align"
)

// Stream maps the instants of one stream, in its order, and sees to it that what ran forwards still does.
type Stream struct {
	Retime align.Retimer
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
