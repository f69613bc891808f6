package alignfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pialign/pialign/align"
)

// fileKind says in a file what it is.
const fileKind = "alignment"

// document is the file as it is written, field by field. A field that a file may lack, because it came later
// within this version, has omitzero; strict demands all others.
type document struct {
	Pialign      string       `json:"pialign"`
	Version      int          `json:"format_version"`
	Program      string       `json:"program_version"`
	Device       deviceDoc    `json:"device"`
	RecordingIDs []string     `json:"recording_ids"`
	Logs         []logDoc     `json:"logs"`
	HostClocks   clocksDoc    `json:"host_clocks"`
	Steps        []stepDoc    `json:"steps"`
	HostSteps    []stepDoc    `json:"host_steps"`
	Diagnosis    diagnosisDoc `json:"diagnosis"`
	Assumptions  []string     `json:"assumptions"`
}

type deviceDoc struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type logDoc struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

type clocksDoc struct {
	Wall      *clockDoc `json:"wall"`
	Monotonic *clockDoc `json:"monotonic"`
}

type clockDoc struct {
	First    digits       `json:"first_ns"`
	Last     digits       `json:"last_ns"`
	Segments []segmentDoc `json:"segments"`
	Knots    []knotDoc    `json:"knots"`
	Steps    []stepDoc    `json:"steps,omitzero"` // where they are not those of the document
}

type segmentDoc struct {
	Piece    int    `json:"piece"`
	From     digits `json:"from_ns"`
	To       digits `json:"to_ns"`
	Ref      digits `json:"ref_ns"`
	Offset   digits `json:"offset_ns"`
	DriftE18 digits `json:"drift_e18"`
}

type knotDoc struct {
	Piece    int     `json:"piece"`
	At       digits  `json:"at_ns"`
	StatLo   digits  `json:"stat_lo_ns"`
	StatHi   digits  `json:"stat_hi_ns"`
	LikelyLo digits  `json:"lo_ns"`
	LikelyHi digits  `json:"hi_ns"`
	BoundLo  *digits `json:"bound_lo_ns"` // null: unbounded
	BoundHi  *digits `json:"bound_hi_ns"`
}

type stepDoc struct {
	From   digits `json:"from_ns"`
	To     digits `json:"to_ns"`
	By     digits `json:"by_ns"`
	Proved bool   `json:"proved"`
}

// digits is an integer that is a string in JSON.
type digits int64

func (d digits) MarshalJSON() ([]byte, error) {
	return []byte(`"` + strconv.FormatInt(int64(d), 10) + `"`), nil
}

func (d *digits) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%.40s is not an integer in quotes", b)
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(v, 10) != s {
		return fmt.Errorf("%.40q is not an integer of 64 bits", s)
	}
	*d = digits(v)
	return nil
}

func toDocument(f *File) document {
	a := f.Alignment
	doc := document{
		Pialign: fileKind, Version: formatVersion, Program: f.Program,
		Device:       deviceDoc(f.Device),
		RecordingIDs: list(f.RecordingIDs, same),
		Logs:         list(f.Logs, func(l LogRef) logDoc { return logDoc(l) }),
		HostSteps:    list(a.HostSteps, toStep),
		Diagnosis:    toDiagnosis(a.Diagnosis),
		Assumptions:  list(a.Diagnosis.Assumptions, same),
	}
	var steps []align.Step
	if a.Wall != nil {
		p := a.Wall.Parts()
		steps = p.Steps
		doc.HostClocks.Wall = toClock(p)
	}
	if a.Mono != nil {
		p := a.Mono.Parts()
		if a.Wall == nil {
			steps = p.Steps
		}
		doc.HostClocks.Monotonic = toClock(p)
		if !slices.Equal(steps, p.Steps) {
			doc.HostClocks.Monotonic.Steps = list(p.Steps, toStep)
		}
	}
	doc.Steps = list(steps, toStep)
	return doc
}

func (doc document) file() (*File, error) {
	a := &align.Alignment{HostSteps: list(doc.HostSteps, stepDoc.step), Diagnosis: doc.Diagnosis.diagnosis()}
	a.Diagnosis.Assumptions = list(doc.Assumptions, same)
	var err error
	if a.Wall, err = model[align.HostTime]("wall", doc.HostClocks.Wall, doc.Steps); err != nil {
		return nil, err
	}
	if a.Mono, err = model[align.MonoTime]("monotonic", doc.HostClocks.Monotonic, doc.Steps); err != nil {
		return nil, err
	}
	if a.Wall == nil && a.Mono == nil {
		return nil, fmt.Errorf("host_clocks: neither wall nor monotonic")
	}
	a.HostSteps, a.Diagnosis.Assumptions = none(a.HostSteps), none(a.Diagnosis.Assumptions)
	return &File{
		Device: Device(doc.Device), Program: doc.Program,
		Logs:         none(list(doc.Logs, func(l logDoc) LogRef { return LogRef(l) })),
		RecordingIDs: none(list(doc.RecordingIDs, same)),
		Alignment:    a,
	}, nil
}

func model[T align.HostClock](name string, doc *clockDoc, steps []stepDoc) (*align.Model[T], error) {
	if doc == nil {
		return nil, nil
	}
	if doc.Steps != nil {
		steps = doc.Steps
	}
	p := align.Parts{
		First: align.DeviceTime(doc.First), Last: align.DeviceTime(doc.Last),
		Segments: none(list(doc.Segments, segmentDoc.segment)),
		Steps:    none(list(steps, stepDoc.step)),
	}
	for i, k := range doc.Knots {
		if (k.BoundLo == nil) != (k.BoundHi == nil) {
			return nil, fmt.Errorf("host_clocks.%s.knots[%d]: one end of the bound is missing", name, i)
		}
		p.Knots = append(p.Knots, k.knot())
	}
	m, err := align.NewModel[T](p)
	if err != nil {
		return nil, fmt.Errorf("host_clocks.%s: %w", name, err)
	}
	return m, nil
}

func toClock(p align.Parts) *clockDoc {
	return &clockDoc{
		First: digits(p.First), Last: digits(p.Last),
		Segments: list(p.Segments, toSegment), Knots: list(p.Knots, toKnot),
	}
}

func toSegment(s align.Segment) segmentDoc {
	return segmentDoc{s.Piece, digits(s.From), digits(s.To), digits(s.Ref), digits(s.Offset), digits(s.DriftE18)}
}

func (s segmentDoc) segment() align.Segment {
	return align.Segment{
		Piece: s.Piece, From: align.DeviceTime(s.From), To: align.DeviceTime(s.To), Ref: align.DeviceTime(s.Ref),
		Offset: time.Duration(s.Offset), DriftE18: int64(s.DriftE18),
	}
}

func toKnot(k align.Knot) knotDoc {
	doc := knotDoc{
		Piece: k.Piece, At: digits(k.At), StatLo: digits(k.Stat.Lo), StatHi: digits(k.Stat.Hi),
		LikelyLo: digits(k.Likely.Lo), LikelyHi: digits(k.Likely.Hi),
	}
	if k.Bounded {
		lo, hi := digits(k.Bound.Lo), digits(k.Bound.Hi)
		doc.BoundLo, doc.BoundHi = &lo, &hi
	}
	return doc
}

func (k knotDoc) knot() align.Knot {
	out := align.Knot{
		Piece: k.Piece, At: align.DeviceTime(k.At), Stat: interval(k.StatLo, k.StatHi), Likely: interval(k.LikelyLo, k.LikelyHi),
	}
	if k.BoundLo != nil {
		out.Bound, out.Bounded = interval(*k.BoundLo, *k.BoundHi), true
	}
	return out
}

func interval(lo, hi digits) align.Interval {
	return align.Interval{Lo: time.Duration(lo), Hi: time.Duration(hi)}
}

func toStep(s align.Step) stepDoc {
	return stepDoc{digits(s.From), digits(s.To), digits(s.By), s.Proved}
}

func (s stepDoc) step() align.Step {
	return align.Step{From: align.HostTime(s.From), To: align.HostTime(s.To), By: time.Duration(s.By), Proved: s.Proved}
}

// list maps a list, nil to an empty one, which JSON writes as [].
func list[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// none undoes what list does to nil.
func none[A any](in []A) []A {
	if len(in) == 0 {
		return nil
	}
	return in
}

func same(s string) string { return s }
