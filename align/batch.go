package align

import "sort"

// A Batch gives the host instants of many device instants of one stream in ns, in the stream's order, as a Retimer would one by one.
// It puts them into dst, which is at least as long, and returns how many there are. An error is about the instant that follows them, and is
// the Retimer's; the stream goes on after that instant if the caller does.
type Batch func(dst []int64, src []DeviceTime) (int, error)

// Batch makes a Batch out of a Retimer.
func (r Retimer) Batch() Batch {
	return func(dst []int64, src []DeviceTime) (int, error) {
		for i, d := range src {
			h, err := r(d)
			if err != nil {
				return i, err
			}
			dst[i] = h
		}
		return len(src), nil
	}
}

// Stream returns a Retimer, as Model.Retimer does, and a Batch for the same stream: they share the place in it.
func (m *Model[T]) Stream(a Ambiguity) (Retimer, Batch) {
	if len(m.pieces) == 1 {
		s := &straight[T]{m: m, stretch: &stretch{}}
		return s.next, s.batch
	}
	c := &cursor[T]{m: m, piece: -1}
	return func(d DeviceTime) (int64, error) { return c.next(d, a) },
		func(dst []int64, src []DeviceTime) (int, error) { return c.batch(dst, src, a) }
}

// straight is the place in a stream where the phone's clock has no step: any order will do.
type straight[T HostClock] struct {
	m       *Model[T]
	stretch *stretch // that held the instant before, as it mostly holds the next
}

func (s *straight[T]) next(d DeviceTime) (int64, error) {
	if s.stretch.holds(d) || s.turn(d) {
		return s.stretch.at(d), nil
	}
	h, err := s.m.Host(d) // which says why not
	return int64(h), err
}

// turn finds the stretch that holds d.
func (s *straight[T]) turn(d DeviceTime) bool {
	n, ok := s.m.pieces[0].find(d)
	if ok {
		s.stretch = &s.m.pieces[0].ready[n]
	}
	return ok
}

func (s *straight[T]) batch(dst []int64, src []DeviceTime) (int, error) {
	n := 0
	for {
		n += s.stretch.run(dst[n:], src[n:])
		if n == len(src) {
			return n, nil
		}
		if !s.turn(src[n]) {
			_, err := s.m.Host(src[n])
			return n, err
		}
	}
}

// clear sets the cursor's stretch to where d lies, as far as one piece alone can have it, and reports whether that is so.
func (c *cursor[T]) clear(d DeviceTime) bool {
	on := -1
	var here stretch
	for i := range c.m.pieces {
		pc := &c.m.pieces[i]
		if n, ok := pc.find(d); ok {
			if on >= 0 {
				return false
			}
			on, here = i, pc.ready[n]
		}
	}
	if on < 0 {
		return false
	}
	for i := range c.m.pieces {
		segs := c.m.pieces[i].segs
		for _, edge := range [2]DeviceTime{segs[0].From, segs[len(segs)-1].To} {
			if edge <= d {
				here.from = max(here.from, edge)
			} else {
				here.to = min(here.to, edge)
			}
		}
	}
	c.on, c.stretch = on, here
	return true
}

// batch is next for many.
func (c *cursor[T]) batch(dst []int64, src []DeviceTime, a Ambiguity) (int, error) {
	n := 0
	for n < len(src) {
		if c.stretch.holds(src[n]) || c.clear(src[n]) {
			if err := c.arrives(src[n]); err != nil {
				return n, err
			}
			k := c.stretch.run(dst[n:], src[n:])
			c.pass(src[n:n+k], c.on)
			n += k
			continue
		}
		h, err := c.next(src[n], a)
		if err != nil {
			return n, err
		}
		dst[n] = h
		n++
	}
	return n, nil
}

// pass puts the cursor onto one instant of a piece after the other. Of many the last ones alone leave a trace.
func (c *cursor[T]) pass(src []DeviceTime, piece int) {
	if skip := len(src) - strideCount - 1; skip > 0 {
		c.n += skip
		if c.piece != piece {
			c.n-- // the first came from elsewhere, and makes no interval
		}
		c.piece, c.last = piece, src[skip-1]
		src = src[skip:]
	}
	for _, d := range src {
		c.goOn(d, piece)
	}
}

// find returns which segment of pc holds d.
func (pc *piece) find(d DeviceTime) (int, bool) {
	n := 0
	if len(pc.segs) > 1 {
		n = sort.Search(len(pc.segs), func(i int) bool { return d < pc.segs[i].To })
	}
	return n, n < len(pc.segs) && pc.segs[n].From <= d && d < pc.segs[n].To
}
