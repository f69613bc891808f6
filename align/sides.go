package align

import "slices"

// Sides is what the streams of one recording tell each other where the phone's clock was set back and has shown instants twice: a stream whose
// order says on which side of the step they lie leaves that here for the streams after it. So one instant stays one instant in all of them.
// The zero value knows nothing. Its streams may be at work at the same time, but begin one by one.
type Sides struct {
	known []*side // by the piece before the step; nil: nothing is
	seen  []*witness
}

// StreamBeside is Stream for a stream of a recording whose other streams have s too: it is told what they had left at the last Settle, and leaves
// what it sees itself.
func (m *Model[T]) StreamBeside(s *Sides, a Ambiguity) (Retimer, Batch) {
	if s == nil || len(m.pieces) == 1 || !m.phoneSteps() {
		return m.Stream(a)
	}
	for len(s.known) < len(m.pieces)-1 {
		s.known = append(s.known, nil)
	}
	c := &cursor[T]{m: m, piece: -1, told: slices.Clone(s.known), seen: make([]*witness, len(m.pieces)-1)}
	for i := range c.seen {
		c.seen[i] = &witness{step: i}
		s.seen = append(s.seen, c.seen[i])
	}
	return func(d DeviceTime) (int64, error) { return c.next(d, a) },
		func(dst []int64, src []DeviceTime) (int, error) { return c.batch(dst, src, a) }
}

// Settle ends the streams that were begun since the last Settle, and lets those to come know what they saw: of each step what the first stream
// says that saw all of it. What decides must not hang on chance, so it is called when none is at work.
func (s *Sides) Settle() {
	if s == nil {
		return
	}
	for _, w := range s.seen {
		switch known, now := s.known[w.step], w.side(); {
		case now == nil, known != nil && (known.whole || !now.whole):
		case known != nil: // the stream was told it, and saw more
			now.shown[0] = append(now.shown[0], known.shown[0]...)
			slices.Sort(now.shown[0])
			now.kept[0] = max(now.kept[0], known.kept[0])
			s.known[w.step] = now
		default:
			s.known[w.step] = now
		}
	}
	s.seen = nil
}

// side says of instants on which side of a step they lie.
type side struct {
	before, after DeviceTime      // those below before lie before the step, those above after behind it
	shown         [2][]DeviceTime // the stream's own between them, before and behind the step, ascending
	kept          [2]DeviceTime   // shown[0] is complete from here on, shown[1] up to here
	whole         bool            // the stream saw the step
}

// of returns 0 for before the step and 1 for behind it. What the stream has shown on both sides or on none it does not know.
func (s *side) of(d DeviceTime) (int, bool) {
	switch {
	case d < s.before:
		return 0, true
	case d > s.after:
		return 1, true
	case d < s.kept[0], d > s.kept[1]:
		return 0, false
	}
	_, first := slices.BinarySearch(s.shown[0], d)
	_, second := slices.BinarySearch(s.shown[1], d)
	if second {
		return 1, !first
	}
	return 0, first
}

// witness is what one stream sees of a step back.
type witness struct {
	step        int
	back        int64
	stride      int64 // the longest interval before the step
	last, first DeviceTime
	fell        bool // first, the first instant behind the step, is known
	void        bool // the stream was in no order
	shown       [2][]DeviceTime
	kept        [2]DeviceTime
}

// mostShown is how many instants of each side a stream keeps at most: of gaze, at 200 Hz, those of five minutes.
const mostShown = 1 << 16

// longestBack is how far a step is that no stream tells the others about: farther than any that was known to be kept in full.
const longestBack = 24 * 3600 * 1e9

// note takes down on which side d lies.
func (w *witness) note(d DeviceTime, behind bool, back int64) {
	switch {
	case w.void || back > longestBack:
		w.void = true
	case !behind && (w.fell || w.shown[0] != nil && int64(d) < int64(w.last)-back/2), behind && w.fell && int64(d) < int64(w.first)-back/2:
		w.void = true // a stream that is in order but for one step has none of these
	case !behind:
		if w.shown[0] == nil {
			w.kept[0] = d
		} else {
			w.stride = max(w.stride, int64(d)-int64(w.last))
		}
		w.back, w.last = back, d
		w.add(d)
	case !w.fell && w.shown[0] == nil: // it was not seen coming
	case !w.fell:
		fell := int64(w.last) - int64(d)
		if w.void = fell > back+back/2; !w.void {
			w.fell, w.first, w.kept[1] = true, d, 1<<63-1
			w.shown[1] = append(w.shown[1], d)
		}
	case d <= w.last+DeviceTime(w.margin()) && w.kept[1] == 1<<63-1:
		w.shown[1] = append(w.shown[1], d)
		if len(w.shown[1]) == mostShown {
			w.kept[1] = slices.Max(w.shown[1])
		}
	}
}

// add keeps an instant before the step, and forgets those that lie so far back that nothing behind it can be the same.
func (w *witness) add(d DeviceTime) {
	if len(w.shown[0]) == mostShown {
		slices.Sort(w.shown[0])
		n, _ := slices.BinarySearch(w.shown[0], d-DeviceTime(3*w.back))
		n = max(n, mostShown/2)
		w.shown[0] = append(w.shown[0][:0], w.shown[0][n:]...)
		w.kept[0] = w.shown[0][0]
	}
	w.shown[0] = append(w.shown[0], d)
}

// margin is how near to the stream's last and first instants about the step others may lie on either side: it happened between the two.
func (w *witness) margin() int64 {
	between := int64(0)
	if w.fell {
		between = max(0, w.back-(int64(w.last)-int64(w.first)))
	}
	return 2*w.stride + between
}

// side returns what the stream knows, nil if nothing.
func (w *witness) side() *side {
	if w.void || len(w.shown[0]) == 0 {
		return nil
	}
	margin := DeviceTime(w.margin())
	s := &side{whole: w.fell, kept: w.kept, shown: w.shown}
	if w.fell {
		s.before, s.after = w.first-margin, w.last+margin
	} else { // up to its last instant it was before the step: what may be shown again lies at most the step back from there
		s.before, s.after, s.kept[1] = w.last-DeviceTime(w.back)-margin, 1<<63-1, w.last
	}
	for i := range s.shown {
		slices.Sort(s.shown[i])
	}
	n, _ := slices.BinarySearch(s.shown[0], s.before)
	s.shown[0] = slices.Clone(s.shown[0][n:])
	return s
}
