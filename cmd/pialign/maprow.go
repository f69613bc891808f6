package main

import (
	"fmt"
	"strconv"

	"github.com/pialign/pialign/align"
)

// rowWriter appends the CSV row of one instant to b.
type rowWriter func(b []byte, instant int64) ([]byte, error)

// forward maps device instants. Where the phone's clock stepped, the order of the stream says which of two
// host instants is meant. Unless rated the cells of the 95 % interval stay empty.
func forward[T align.HostClock](m *align.Model[T], rated bool) rowWriter {
	follow := m.Retimer("")
	stepped := len(m.Parts().Steps) > 0
	return func(b []byte, v int64) ([]byte, error) {
		d := align.DeviceTime(v)
		var e align.Estimate[T]
		var err error
		if stepped {
			e, err = followed(m, follow, d)
		} else {
			e, err = m.Estimate(d)
		}
		if err != nil {
			return b, err
		}
		b = strconv.AppendInt(b, v, 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, int64(e.Host), 10)
		b = appendInterval(b, int64(e.Host), e.Likely, e.Rated && rated)
		b = appendInterval(b, int64(e.Host), e.Stat, e.Rated && rated)
		b = appendInterval(b, int64(e.Host), e.Bound, e.Bounded)
		return append(b, '\n'), nil
	}
}

// followed is Estimate for a model with steps of the phone's clock.
func followed[T align.HostClock](m *align.Model[T], follow align.Retimer, d align.DeviceTime) (align.Estimate[T], error) {
	h, err := follow(d)
	if err != nil {
		return align.Estimate[T]{}, err
	}
	for _, e := range m.Candidates(d) {
		if int64(e.Host) == h {
			return e, nil
		}
	}
	return align.Estimate[T]{}, fmt.Errorf("device instant %d: %w", d, align.ErrAmbiguous)
}

// appendInterval appends ",lo,hi" around the instant at, or two empty cells.
func appendInterval(b []byte, at int64, v align.Interval, known bool) []byte {
	if !known {
		return append(b, ',', ',')
	}
	b = append(b, ',')
	b = strconv.AppendInt(b, at+int64(v.Lo), 10)
	b = append(b, ',')
	return strconv.AppendInt(b, at+int64(v.Hi), 10)
}

// backward maps host instants.
func backward[T align.HostClock](m *align.Model[T], rated bool) rowWriter {
	likely := func(e align.Estimate[T]) (align.Interval, bool) { return e.Likely, e.Rated && rated }
	stat := func(e align.Estimate[T]) (align.Interval, bool) { return e.Stat, e.Rated && rated }
	bound := func(e align.Estimate[T]) (align.Interval, bool) { return e.Bound, e.Bounded }
	return func(b []byte, v int64) ([]byte, error) {
		d, err := m.Device(T(v))
		if err != nil {
			return b, err
		}
		e, err := m.Estimate(d)
		if err != nil {
			return b, err
		}
		b = strconv.AppendInt(b, v, 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, int64(d), 10)
		b = appendInverse(b, m, T(v), e, likely)
		b = appendInverse(b, m, T(v), e, stat)
		b = appendInverse(b, m, T(v), e, bound)
		return append(b, '\n'), nil
	}
}

// appendInverse appends ",lo,hi" of the device instants that h may be: those whose own interval, on the host's
// clock, holds h. An end that lies beyond the map, or where the interval is not known, is an empty cell.
func appendInverse[T align.HostClock](b []byte, m *align.Model[T], h T, e align.Estimate[T], pick func(align.Estimate[T]) (align.Interval, bool)) []byte {
	b = append(b, ',')
	if lo, ok := inverseEnd(m, h, e, pick, func(v align.Interval) T { return T(v.Hi) }); ok {
		b = strconv.AppendInt(b, int64(lo)-1, 10)
	}
	b = append(b, ',')
	if hi, ok := inverseEnd(m, h, e, pick, func(v align.Interval) T { return T(v.Lo) }); ok {
		b = strconv.AppendInt(b, int64(hi)+1, 10)
	}
	return b
}

// inverseEnd looks for the device instant whose interval has its end at h. The interval there is not quite that at
// the middle, so it is looked up again and again: each round leaves 200 ppm of the error at most, since intervals
// grow no faster, so after three less than the ns is left by which the caller moves the end out.
func inverseEnd[T align.HostClock](m *align.Model[T], h T, e align.Estimate[T], pick func(align.Estimate[T]) (align.Interval, bool),
	side func(align.Interval) T) (align.DeviceTime, bool) {
	v, known := pick(e)
	var d align.DeviceTime
	for range 3 {
		if !known {
			return 0, false
		}
		var err error
		if d, err = m.Device(h - side(v)); err != nil {
			return 0, false
		}
		if e, err = m.Estimate(d); err != nil {
			return 0, false
		}
		w, ok := pick(e)
		if ok && w == v {
			return d, true
		}
		v, known = w, ok
	}
	return d, known
}
