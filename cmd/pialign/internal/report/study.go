package report

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// Study is the results of batch run, a row a recording.
type Study struct {
	Source       string                `json:"source"`
	MaxError     *Number               `json:"max_error_ns,omitempty"` // what was asked for
	Verdicts     map[batch.Verdict]int `json:"verdicts"`
	Recordings   int                   `json:"recordings"`
	Devices      int                   `json:"devices"`
	Alignments   int                   `json:"alignments"`
	HalfWidth    Spread                `json:"half_width"`
	BoundWidth   Spread                `json:"bound_half_width"`
	Offset       Spread                `json:"offset"`
	Drift        Spread                `json:"drift_e18"`
	Rows         []StudyRow            `json:"rows"`
	Pairs        []Pair                `json:"pairs,omitempty"`
	MorePairs    int                   `json:"pairs_not_listed,omitempty"`
	Methods      string                `json:"methods"`
	Cite         []Citation            `json:"cite"`
	charts       []Figure
	SharedFolder string `json:"-"` // of all sessions
}

// Spread is how a figure is spread over the recordings of which it is known.
type Spread struct {
	Known  int     `json:"known"`
	Min    *Number `json:"min_ns"`
	Median *Number `json:"median_ns"`
	P95    *Number `json:"p95_ns"`
	Max    *Number `json:"max_ns"`
}

// StudyRow is one recording, or an input of which no recording is known.
type StudyRow struct {
	Name       string        `json:"name"`
	Input      string        `json:"input"`
	Session    string        `json:"session,omitempty"` // or alignment, as the plan has it
	Verdict    batch.Verdict `json:"verdict"`
	Why        string        `json:"why,omitempty"`
	Hint       string        `json:"hint,omitempty"`
	DeviceID   string        `json:"device_id,omitempty"`
	Clock      string        `json:"clock,omitempty"`
	First      *Number       `json:"first_host_ns"`
	Length     *Number       `json:"length_ns"`
	Offset     *Number       `json:"offset_ns"`
	Drift      *Number       `json:"drift_e18"`
	HalfWidth  *Number       `json:"half_width_ns"`
	BoundWidth *Number       `json:"bound_half_width_ns"`
	RTTMin     *Number       `json:"rtt_min_ns"`
	RTTMedian  *Number       `json:"rtt_median_ns"`
	Bursts     int           `json:"bursts,omitempty"`
	PhoneSteps int           `json:"phone_steps,omitempty"`
	HostSteps  int           `json:"host_steps,omitempty"`
	Gaps       *batch.Gaps   `json:"gaps,omitempty"` // absent: it has no sampled stream
	Warnings   []string      `json:"warnings,omitempty"`
}

// Good reports whether the row's times and widths count.
func (r StudyRow) Good() bool {
	return r.Verdict == batch.VerdictOK || r.Verdict == batch.VerdictInexact
}

// NewStudy describes the rows of a study; limit is what batch merge was asked for, 0 for nothing.
func NewStudy(source string, rows []batch.Row, limit time.Duration, program string) *Study {
	s := &Study{Source: source, Verdicts: map[batch.Verdict]int{}, Recordings: len(rows), Rows: []StudyRow{}}
	if limit > 0 {
		s.MaxError = number(limit)
	}
	devices, alignments := map[string]bool{}, map[string]bool{}
	var placed []Placed
	for i := range rows {
		r := &rows[i]
		s.Verdicts[r.Verdict]++
		row := StudyRow{Name: nameOf(r), Input: unrooted(r.Record.Input), Verdict: r.Verdict, Why: r.Why, Hint: r.Record.Hint, Warnings: slices.Clone(r.Record.Warnings)}
		if c := r.Recording; c != nil {
			row.DeviceID, row.Clock, row.Offset, row.Drift = c.DeviceID, c.Clock, c.Offset, c.DriftE18
			row.HalfWidth, row.BoundWidth, row.RTTMin, row.RTTMedian = c.HalfWidth, c.BoundHalfWidth, c.RTTMin, c.RTTMedian
			row.Session = unrooted(c.Source)
			row.Bursts, row.PhoneSteps, row.HostSteps = c.Bursts, c.PhoneSteps, c.HostSteps
			row.Gaps = c.Gaps
			row.Warnings = append(row.Warnings, c.Warnings...)
			if !row.Good() { // of a result that is not there, or of which no width is certified
				row.HalfWidth, row.BoundWidth = nil, nil
				if row.Verdict != batch.VerdictUnconfirmed {
					row.Offset, row.Drift = nil, nil
				}
			}
			if c.First != 0 || c.Last != 0 {
				n := c.Last - c.First
				row.Length = &n
				if c.Offset != nil {
					first := c.First + *c.Offset
					row.First = &first
				}
			}
			if row.Good() && c.DeviceID != "" {
				devices[c.DeviceID] = true
			}
			if row.Good() && c.Alignment != "" {
				alignments[c.Alignment] = true
			}
		}
		row.unroot(r)
		if p, ok := placeOfRow(r); ok {
			placed = append(placed, p)
		}
		s.Rows = append(s.Rows, row)
	}
	s.SharedFolder = s.sharedFolder()
	s.Devices, s.Alignments = len(devices), len(alignments)
	s.HalfWidth = s.spread(func(r *StudyRow) *Number { return r.HalfWidth })
	s.BoundWidth = s.spread(func(r *StudyRow) *Number { return r.BoundWidth })
	s.Offset = s.spread(func(r *StudyRow) *Number { return r.Offset })
	s.Drift = s.spread(func(r *StudyRow) *Number { return r.Drift })
	s.Pairs, s.MorePairs = PairsOf(placed)
	s.Methods, s.Cite = s.methods(program), s.cite(program)
	return s
}

// unroot leaves in the texts of a row of the paths of its record what a page may say of them.
func (row *StudyRow) unroot(r *batch.Row) {
	paths := []string{r.Record.Input}
	if r.Recording != nil {
		paths = append(paths, r.Recording.Source)
	}
	for _, p := range paths {
		if short := unrooted(p); short != p {
			row.Why, row.Hint = strings.ReplaceAll(row.Why, p, short), strings.ReplaceAll(row.Hint, p, short)
			for i := range row.Warnings {
				row.Warnings[i] = strings.ReplaceAll(row.Warnings[i], p, short)
			}
		}
	}
}

// unrooted leaves of a path that does not lie below the plan what a page may say: the rest is of the computer it was made on.
func unrooted(p string) string {
	if !path.IsAbs(p) && !strings.HasPrefix(p, "../") && !(len(p) > 2 && p[1] == ':' && p[2] == '/') {
		return p
	}
	return path.Join(path.Base(path.Dir(p)), path.Base(p))
}

// sharedFolder is the folder that all sessions are in, with a slash; "" for none.
func (s *Study) sharedFolder() string {
	shared, have := "", false
	for _, r := range s.Rows {
		if r.Session == "" {
			continue
		}
		dir := r.Session[:strings.LastIndexByte(r.Session, '/')+1]
		if !have {
			shared, have = dir, true
		}
		for !strings.HasPrefix(dir, shared) {
			shared = shared[:strings.LastIndexByte(shared[:len(shared)-1], '/')+1]
		}
	}
	return shared
}

// InShared names a session within the folder of all.
func (s *Study) InShared(session string) string { return strings.TrimPrefix(session, s.SharedFolder) }

func (s *Study) spread(of func(*StudyRow) *Number) (out Spread) {
	values := s.values(of)
	if out.Known = len(values); out.Known > 0 {
		out.Min, out.Median, out.P95, out.Max = number(quantile(values, 0)), number(quantile(values, 0.5)), number(quantile(values, 0.95)), number(quantile(values, 1))
	}
	return out
}

// values returns what is known of one figure of the good rows, sorted.
func (s *Study) values(of func(*StudyRow) *Number) (out []time.Duration) {
	for i := range s.Rows {
		if v := of(&s.Rows[i]); v != nil && s.Rows[i].Good() {
			out = append(out, time.Duration(*v))
		}
	}
	slices.Sort(out)
	return out
}

// Worst returns the places of the rows with the widest 95 % intervals, and of those that have none where they should.
func (s *Study) Worst() (out []int) {
	for i := range s.Rows {
		if s.Rows[i].Good() && s.Rows[i].HalfWidth != nil {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(*s.Rows[b].HalfWidth, *s.Rows[a].HalfWidth) })
	return out[:min(10, len(out))]
}

// gapMethods says what is missing inside the recordings.
func (s *Study) gapMethods(say func(string, ...any)) {
	watched := 0
	for _, r := range s.Rows {
		if r.Good() && r.Gaps != nil {
			watched++
		}
	}
	gappy := s.Gappy()
	switch {
	case watched == 0:
	case len(gappy) == 0:
		say("No sampled stream of %s lacks samples for more than 0.1 s. ", human.Counted(watched, "recording"))
	default:
		say("In %d of %s a sampled stream lacks samples for more than 0.1 s at a time, at most %s together (%s). ", len(gappy), human.Counted(watched, "recording"),
			human.Span(time.Duration(s.Rows[gappy[0]].Gaps.Total)), s.Rows[gappy[0]].Name)
	}
}

// Gappy returns the places of the rows whose streams lack most.
func (s *Study) Gappy() (out []int) {
	for i := range s.Rows {
		if s.Rows[i].Good() && s.Rows[i].lacks() > 0 {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(s.Rows[b].lacks(), s.Rows[a].lacks()) })
	return out
}

// lacks is how long the gaps of a recording are together.
func (r StudyRow) lacks() Number {
	if r.Gaps == nil {
		return 0
	}
	return r.Gaps.Total
}

// ToLookAt returns the places of the rows that are not as they should be: those without a result first, then those that are not exact enough, the widest first.
func (s *Study) ToLookAt() (out []int) {
	for i := range s.Rows {
		if s.Rows[i].Verdict != batch.VerdictOK {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		x, y := &s.Rows[a], &s.Rows[b]
		switch {
		case x.Good() && y.Good():
			return cmp.Compare(y.width(), x.width())
		case x.Good():
			return 1
		case y.Good():
			return -1
		}
		return 0
	})
	return out
}

// width is that of the 95 % interval; one that is not known may be as wide as any.
func (r *StudyRow) width() Number {
	if r.HalfWidth == nil {
		return math.MaxInt64
	}
	return *r.HalfWidth
}

// verdicts are all, the better ones first.
var verdicts = []batch.Verdict{batch.VerdictOK, batch.VerdictInexact, batch.VerdictUnconfirmed, batch.VerdictUnaligned, batch.VerdictPassed, batch.VerdictMissing, batch.VerdictChanged, batch.VerdictFailed}

// VerdictCounts says how many rows came down to what.
func (s *Study) VerdictCounts() string {
	var parts []string
	for _, v := range verdicts {
		if n := s.Verdicts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func (s *Study) methods(program string) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	good := s.Verdicts[batch.VerdictOK] + s.Verdicts[batch.VerdictInexact]
	say("The clocks of %s were aligned with the clocks of the recording computers by %s, which fits an offset and a drift to request-response exchanges made during the sessions (%s). ",
		human.Counted(s.Devices, "phone"), program, human.Counted(s.Alignments, "alignment"))
	say("Of %s %d were aligned", human.Counted(s.Recordings, "recording"), good)
	if rest := s.Recordings - good; rest > 0 {
		say(" and %d were not", rest)
	}
	say(". ")
	if n := s.HalfWidth; n.Known > 0 {
		say("Over the times of a recording the 95 %% interval was at most ± %s in the median recording, ± %s in 95 %% of them and ± %s in the worst (%d with a known interval); it allows for unequal shortest delays of the two directions, which no exchange can show. ",
			human.MS(time.Duration(*n.Median)), human.MS(time.Duration(*n.P95)), human.MS(time.Duration(*n.Max)), n.Known)
	}
	if n := s.BoundWidth; n.Known > 0 {
		say("The hard bound, which takes nothing for granted about delays, was ± %s in the median and ± %s in the worst of %d; it holds while the assumptions listed in each alignment do. ",
			human.MS(time.Duration(*n.Median)), human.MS(time.Duration(*n.Max)), n.Known)
	}
	s.gapMethods(say)
	if n := s.Drift; n.Known > 0 {
		say("Drifts were between %s and %s, offsets between %s and %s. ", human.PPM(int64(*n.Min)), human.PPM(int64(*n.Max)), human.MS(time.Duration(*s.Offset.Min)), human.MS(time.Duration(*s.Offset.Max)))
	}
	return strings.TrimSpace(b.String())
}
