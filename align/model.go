package align

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"
)

// Errors that a caller of a Model may branch on.
var (
	// ErrOutOfReach: the instant is so far from every burst that no mapping is offered.
	ErrOutOfReach = errors.New("instant is out of the alignment's reach")
	// ErrAmbiguous: the instant lies where the phone's clock stepped, and two host instants are possible.
	ErrAmbiguous = errors.New("instant is ambiguous: the phone's clock stepped there")
	// ErrBlank: the instant is ambiguous and the caller asked to leave such instants empty.
	ErrBlank = errors.New("ambiguous instant left empty")
)

// A Retimer gives the host instant of a device instant in ns of the host clock chosen. Its errors wrap
// ErrOutOfReach, ErrAmbiguous or ErrBlank. It may keep the place in a stream: one Retimer for one stream.
type Retimer func(DeviceTime) (int64, error)

// Knot says how wrong the map can be at one device instant. Each Interval holds truth - estimate: Stat the 95 %
// interval without the allowance for unequal floors of the two directions, Likely with it, Bound what no
// exchange allows to be left. Bounded is false where nothing bounds the truth.
type Knot struct {
	Piece               int
	At                  DeviceTime
	Stat, Likely, Bound Interval
	Bounded             bool
}

// Step is a jump of a clock, somewhere between two instants.
type Step struct {
	From, To HostTime      // the gap that holds it, on the host's wall clock
	By       time.Duration // change of host - device (phone step) or of wall - monotonic (host step)
	Proved   bool          // the exchanges contradict each other without it
}

// Parts is a Model taken apart: what an alignment file holds.
type Parts struct {
	Segments    []Segment  // by Piece, then From
	Knots       []Knot     // by Piece, then At
	First, Last DeviceTime // the edges of the first and the last burst: between them the map interpolates
	Steps       []Step
}

// Estimate is a Model's answer at one device instant. Stat, Likely and Bound hold truth - Host.
type Estimate[T HostClock] struct {
	Piece               int // how many steps of the phone's clock lie before
	Host                T
	Stat, Likely, Bound Interval
	Rated               bool // Stat and Likely are known here
	Bounded             bool // Bound is
	// Beyond is how far the instant lies outside the bursts: negative before the first, positive after the last.
	Beyond time.Duration
}

// Model maps device instants onto one host clock. It is immutable and safe for concurrent use.
type Model[T HostClock] struct {
	p      Parts
	pieces []piece
}

// piece is a span of the map without a step of the phone's clock.
type piece struct {
	segs  []Segment
	ready []stretch // parallel
	knots []Knot
}

// jointTolerance is how far two segments of a piece may be apart where they meet: each stays within 1 us of the same curve.
const jointTolerance = 2 * time.Microsecond

// widest is the largest end of an interval, 146 years, so that no width leaves 64 bits.
const widest = time.Duration(1 << 62)

// NewModel checks parts and makes a Model of them: at least one segment; segments of a piece ordered, adjoining, not
// empty, and joined without a step; a drift within half; knots ordered, with no interval empty; every span within 64 bits.
func NewModel[T HostClock](parts Parts) (*Model[T], error) {
	if len(parts.Segments) == 0 {
		return nil, errors.New("model has no segment")
	}
	m := &Model[T]{p: parts.clone()}
	for i, s := range m.p.Segments {
		switch {
		case s.Piece < 0 || s.Piece > len(m.pieces):
			return nil, fmt.Errorf("segment %d: piece %d is out of order", i, s.Piece)
		case s.From >= s.To:
			return nil, fmt.Errorf("segment %d is empty", i)
		case s.DriftE18 <= -e18/2 || s.DriftE18 >= e18/2:
			return nil, fmt.Errorf("segment %d: a drift of %d e-18 is no clock's", i, s.DriftE18)
		}
		if _, ok := s.at(s.From); !ok {
			return nil, fmt.Errorf("segment %d: its first instant does not fit in 64 bits", i)
		}
		if _, ok := s.at(s.To); !ok {
			return nil, fmt.Errorf("segment %d: its last instant does not fit in 64 bits", i)
		}
		if s.Piece == len(m.pieces) {
			m.pieces = append(m.pieces, piece{})
		} else if s.Piece != len(m.pieces)-1 {
			return nil, fmt.Errorf("segment %d: piece %d is out of order", i, s.Piece)
		} else if prev := m.p.Segments[i-1]; prev.To != s.From {
			return nil, fmt.Errorf("segment %d does not adjoin the one before it", i)
		} else if err := joins(prev, s); err != nil {
			return nil, fmt.Errorf("segment %d: %w", i, err)
		}
		pc := &m.pieces[s.Piece]
		pc.segs, pc.ready = append(pc.segs, s), append(pc.ready, s.stretch())
	}
	for i, k := range m.p.Knots {
		if k.Piece < 0 || k.Piece >= len(m.pieces) {
			return nil, fmt.Errorf("knot %d: there is no piece %d", i, k.Piece)
		}
		pc := &m.pieces[k.Piece]
		if n := len(pc.knots); n > 0 && pc.knots[n-1].At >= k.At {
			return nil, fmt.Errorf("knot %d is out of order", i)
		}
		for _, v := range []Interval{k.Stat, k.Likely, k.Bound} {
			if v.Empty() {
				return nil, fmt.Errorf("knot %d: an interval is empty", i)
			}
			if v.Lo < -widest || v.Hi > widest {
				return nil, fmt.Errorf("knot %d: an interval does not fit in 64 bits", i)
			}
		}
		pc.knots = append(pc.knots, k)
	}
	if m.p.First > m.p.Last {
		return nil, errors.New("model: the first burst is after the last")
	}
	if first, last := m.p.ends(); last < first || last.Sub(first) < 0 {
		return nil, errors.New("model: its instants are more than 292 years apart")
	}
	return m, nil
}

// joins returns why s cannot go on where prev ends.
func joins(prev, s Segment) error {
	before, _ := prev.at(s.From - 1)
	end, _ := prev.at(s.From)
	begin, _ := s.at(s.From)
	if begin < before {
		return errors.New("the map turns back")
	}
	if d, ok := subInt64(begin, end); !ok || time.Duration(d).Abs() > jointTolerance {
		return errors.New("the map jumps: a step begins a new piece")
	}
	return nil
}

// ends returns the first and the last instant that p speaks of.
func (p Parts) ends() (first, last DeviceTime) {
	first, last = p.First, p.Last
	for _, s := range p.Segments {
		first, last = min(first, s.From), max(last, s.To)
	}
	for _, k := range p.Knots {
		first, last = min(first, k.At), max(last, k.At)
	}
	return first, last
}

// Parts returns a copy of what m is made of.
func (m *Model[T]) Parts() Parts { return m.p.clone() }

func (p Parts) clone() Parts {
	p.Segments, p.Knots, p.Steps = slices.Clone(p.Segments), slices.Clone(p.Knots), slices.Clone(p.Steps)
	return p
}

// Candidates returns the estimates for d, in host order: one as a rule, two where the phone's clock stepped,
// none where d is out of reach.
func (m *Model[T]) Candidates(d DeviceTime) []Estimate[T] {
	var out []Estimate[T]
	for i := range m.pieces {
		if s, ok := m.pieces[i].segment(d); ok {
			if h, ok := s.at(d); ok {
				out = append(out, m.estimate(i, d, T(h)))
			}
		}
	}
	// where the phone's clock was set forward, the instant after the step is the earlier one
	slices.SortStableFunc(out, func(a, b Estimate[T]) int { return cmp.Compare(a.Host, b.Host) })
	return out
}

// Estimate returns the host instant of d with its intervals, or ErrOutOfReach or ErrAmbiguous. It does not allocate.
func (m *Model[T]) Estimate(d DeviceTime) (Estimate[T], error) {
	var out Estimate[T]
	found := 0
	for i := range m.pieces {
		if s, ok := m.pieces[i].segment(d); ok {
			if h, ok := s.at(d); ok {
				out = m.estimate(i, d, T(h))
				found++
			}
		}
	}
	switch found {
	case 1:
		return out, nil
	case 0:
		return Estimate[T]{}, m.outOfReach(d)
	}
	return Estimate[T]{}, fmt.Errorf("device instant %d: %w", d, ErrAmbiguous)
}

// Host returns the host instant of d, or ErrOutOfReach or ErrAmbiguous. It does not allocate.
func (m *Model[T]) Host(d DeviceTime) (T, error) {
	var host int64
	found := 0
	for i := range m.pieces {
		if s, ok := m.pieces[i].segment(d); ok {
			if h, ok := s.at(d); ok {
				host = h
				found++
			}
		}
	}
	switch found {
	case 1:
		return T(host), nil
	case 0:
		return 0, m.outOfReach(d)
	}
	return 0, fmt.Errorf("device instant %d: %w", d, ErrAmbiguous)
}

// Device returns the smallest device instant whose host instant is h or later: the algebraic inverse of Host,
// never a second fit. Host(Device(h)) is h or, where the phone runs slow, up to 1 ns after it.
func (m *Model[T]) Device(h T) (DeviceTime, error) {
	var device DeviceTime
	found := 0
	for i := range m.pieces {
		pc := &m.pieces[i]
		n := sort.Search(len(pc.segs), func(j int) bool {
			last, ok := pc.segs[j].at(pc.segs[j].To - 1)
			return !ok || last >= int64(h)
		})
		if n == len(pc.segs) {
			continue
		}
		s := pc.segs[n]
		first, ok := s.at(s.From)
		if !ok || (n == 0 && first > int64(h)) {
			continue
		}
		d := s.From // a joint between two segments may skip h by the rounding of their ends
		if first < int64(h) {
			if d, ok = s.inverse(int64(h)); !ok {
				continue
			}
		}
		device = d
		found++
	}
	switch found {
	case 1:
		return device, nil
	case 0:
		return 0, fmt.Errorf("host instant %d: %w", int64(h), ErrOutOfReach)
	}
	return 0, fmt.Errorf("host instant %d: %w", int64(h), ErrAmbiguous)
}

func (m *Model[T]) outOfReach(d DeviceTime) error {
	return fmt.Errorf("device instant %d: %w", d, ErrOutOfReach)
}

// segment returns the segment of pc that holds d.
func (pc *piece) segment(d DeviceTime) (Segment, bool) {
	n, ok := pc.find(d)
	if !ok {
		return Segment{}, false
	}
	return pc.segs[n], true
}

// estimate adds to h, which piece i says of d, the intervals there, interpolated between the knots around it. Beyond the outermost knot
// nothing is known.
func (m *Model[T]) estimate(i int, d DeviceTime, h T) Estimate[T] {
	pc := &m.pieces[i]
	est := Estimate[T]{Piece: i, Host: h, Beyond: beyond(d, m.p.First, m.p.Last)}
	n := sort.Search(len(pc.knots), func(i int) bool { return pc.knots[i].At >= d })
	switch {
	case n == len(pc.knots):
		return est
	case pc.knots[n].At == d:
		k := pc.knots[n]
		est.Stat, est.Likely, est.Rated = k.Stat, k.Likely, true
		est.Bound, est.Bounded = k.Bound, k.Bounded
		return est
	case n == 0:
		return est
	}
	a, b := pc.knots[n-1], pc.knots[n]
	est.Stat = lerp(a, b, d, a.Stat, b.Stat)
	est.Likely = lerp(a, b, d, a.Likely, b.Likely)
	est.Rated = true
	if a.Bounded && b.Bounded {
		est.Bound, est.Bounded = lerp(a, b, d, a.Bound, b.Bound), true
	}
	return est
}

func beyond(d, first, last DeviceTime) time.Duration {
	switch {
	case d < first:
		return d.Sub(first)
	case d > last:
		return d.Sub(last)
	}
	return 0
}

// lerp interpolates between va at knot a and vb at knot b. It rounds outwards, so that a bound stays one.
func lerp(a, b Knot, d DeviceTime, va, vb Interval) Interval {
	f := float64(d.Sub(a.At)) / float64(b.At.Sub(a.At))
	lo := float64(va.Lo) + float64(f*float64(vb.Lo-va.Lo))
	hi := float64(va.Hi) + float64(f*float64(vb.Hi-va.Hi))
	return Interval{Lo: time.Duration(lo) - 1, Hi: time.Duration(hi) + 1}
}
