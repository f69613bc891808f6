package player

import (
	"errors"
	"fmt"
	"math"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// second is one in ns, the unit of every time in Pupil Player.
const second = 1_000_000_000

// relative maps times that count from the start of the recording: through the phone's ns and back.
//
//	new = host(start_time + t) - host(start_time)
//
// It keeps the place in a stream.
type relative struct {
	g    *group
	map1 align.Retimer
	span *retime.Span
}

// at returns the instant of ns since the start.
func (r *relative) at(ns int64) (align.DeviceTime, error) {
	at := int64(r.g.info.Start) + ns
	if ns > 0 != (at > int64(r.g.info.Start)) && ns != 0 || !r.g.near(align.DeviceTime(at)) {
		return 0, fmt.Errorf("%w: %d ns after the recording's start is more than a day from it (not in seconds since the start, "+
			"or a stamp before it that has wrapped round)", retime.ErrFar, ns)
	}
	return align.DeviceTime(at), nil
}

// ns maps ns since the start to ns since the start on the new clock.
func (r *relative) ns(ns int64) (int64, error) {
	at, err := r.at(ns)
	if err != nil {
		return 0, err
	}
	host, err := r.map1(at)
	if err != nil {
		return 0, err
	}
	r.span.Add(at)
	return r.since(host)
}

// since returns an instant of the new clock as ns since the start there.
func (r *relative) since(host int64) (int64, error) {
	d := host - r.g.start
	if (host > r.g.start) != (d > 0) && d != 0 {
		return 0, fmt.Errorf("%w: %d is more than 292 years from the start", retime.ErrFar, host)
	}
	return d, nil
}

// double maps seconds in a double. It gives the same double back where the ns stay the same.
func (r *relative) double(v float64) (float64, error) {
	ns, err := wholeNs(v)
	if err != nil {
		return 0, err
	}
	now, err := r.ns(ns)
	if errors.Is(err, align.ErrBlank) {
		return 0, fmt.Errorf("%w: this form has no place for an empty time", err)
	}
	if err != nil || now == ns {
		return v, err
	}
	return retime.NearestDouble(now), nil
}

// wholeNs returns the ns that a double of seconds stands for. The product is off by less than 0.02 ns below a day.
func wholeNs(v float64) (int64, error) {
	if !(math.Abs(v) <= 365*24*3600) { // also not NaN
		return 0, fmt.Errorf("%w: %v s from the recording's start", retime.ErrFar, v)
	}
	return int64(math.Round(v * second)), nil
}

// mono returns a Retimer that fails where times would run backwards that did not, and notes in span where they pause.
func mono(r align.Retimer, span *retime.Span) align.Retimer {
	s := retime.Stream{Retime: r, Pauses: &span.Pauses}
	return func(d align.DeviceTime) (int64, error) {
		host, blank, err := s.Next(d)
		if blank {
			err = align.ErrBlank
		}
		return host, err
	}
}
