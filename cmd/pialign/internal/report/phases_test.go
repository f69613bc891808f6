package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/alignfile"
)

// measured is a session of n phases ten minutes apart, a hundred exchanges each, with the delays that they truly had. Each phase is slower than
// the one before on the way up.
func measured(t *testing.T, n int) (a *Alignment, up, down map[string][]time.Duration) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	up, down = map[string][]time.Duration{}, map[string][]time.Duration{}
	var samples []align.Sample
	const origin = align.HostTime(1_767_603_600_000_000_000)
	for p := range n {
		phase := fmt.Sprintf("p%d<b>", p)
		for i := range 100 {
			at := time.Duration(p)*10*time.Minute + time.Duration(i)*100*time.Millisecond
			there := 3*time.Millisecond + time.Duration(float64(p+1)*r.ExpFloat64()*float64(time.Millisecond))
			back := 3*time.Millisecond + time.Duration(r.ExpFloat64()*float64(time.Millisecond))
			h := origin.Add(at)
			mono := align.MonoTime(h - origin + 1e12)
			samples = append(samples, align.Sample{A: h, E: align.DeviceTime(h.Add(there)) - 500_000_000, B: h.Add(there + back),
				MonoA: mono, MonoB: mono.Add(there + back), Phase: phase, Protocol: "event"})
			up[phase], down[phase] = append(up[phase], there), append(down[phase], back)
		}
	}
	al, err := align.Fit(samples, align.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := al.Wall.Parts()
	d, ok := al.Wall.WorstHalfWidth(p.First, p.Last)
	if !ok {
		t.Fatal("no interval")
	}
	return NewAlignment("s", "", &alignfile.File{Alignment: al}, Widths{Likely: number(d)}, false, &Logs{Samples: samples}), up, down
}

// TestDirectionsOfPhases claims that the delays shown of each phase and direction are those that the exchanges had, as far as the map is right.
func TestDirectionsOfPhases(t *testing.T) {
	a, up, down := measured(t, 3)
	if len(a.Phases) != 3 {
		t.Fatalf("%d phases", len(a.Phases))
	}
	tolerance := time.Duration(*a.HalfWidth) // how wrong the map says that it can be: each delay is as wrong as the map
	if tolerance > 3*time.Millisecond {
		t.Fatalf("a tolerance of %v would let any delay pass", tolerance)
	}
	for _, p := range a.Phases {
		for what, side := range map[string]struct {
			got  [3]*Number
			want []time.Duration
		}{"up": {[3]*Number{p.UpMin, p.UpMedian, p.UpP95}, up[p.Name]}, "down": {[3]*Number{p.DownMin, p.DownMedian, p.DownP95}, down[p.Name]}} {
			slices.Sort(side.want)
			for i, q := range []float64{0, 0.5, 0.95} {
				if side.got[i] == nil {
					t.Fatalf("%s %s: %v-quantile unknown", p.Name, what, q)
				}
				if off := (time.Duration(*side.got[i]) - quantile(side.want, q)).Abs(); off > tolerance {
					t.Errorf("%s %s: the %v-quantile is %v off, more than %v", p.Name, what, q, off, tolerance)
				}
			}
		}
	}
	if first, last := *a.Phases[0].UpP95, *a.Phases[2].UpP95; time.Duration(last-first) < 3*time.Millisecond { // truly about 6 ms
		t.Errorf("the slow phase is not seen: %v after %v", last, first)
	}
}

// TestOneWrongStampIsNoDelay claims that a stamp that the bound does not allow makes no delay the least of its phase.
func TestOneWrongStampIsNoDelay(t *testing.T) {
	a, _, _ := measured(t, 2)
	s := align.Sample{A: 1_767_603_600_000_000_000, Phase: "p0<b>", Protocol: "event"}
	s.B, s.MonoA = s.A.Add(6*time.Millisecond), 1e12
	s.MonoB = s.MonoA.Add(6 * time.Millisecond)
	s.E = align.DeviceTime(s.A) - 500_000_000 - align.DeviceTime(time.Minute)
	a.exchanges = append(a.exchanges, measure(a.file, []align.Sample{s})...)
	a.Phases = nil
	a.phases()
	if p := a.Phases[0]; time.Duration(*p.UpMin) < 0 || p.Exchanges != 101 {
		t.Errorf("to the phone at least %v of %d exchanges", time.Duration(*p.UpMin), p.Exchanges)
	}
}

// TestDirectionFigures claims that each direction has a figure with a curve for each phase, four at most, and none where there is a single phase:
// it would be that of the path again.
func TestDirectionFigures(t *testing.T) {
	for n, want := range map[int]string{1: "", 2: "phase p0<b>|phase p1<b>", 4: "phase p0<b>|phase p1<b>|phase p2<b>|phase p3<b>",
		6: "phase p0<b>|phase p1<b>|phase p2<b>|the other 3 phases"} {
		a, _, _ := measured(t, n)
		d := NewDocument("test")
		d.Alignments = []*Alignment{a}
		var ids []string
		for _, f := range d.Figures() {
			ids = append(ids, f.ID)
			if f.ID != "device1-up" && f.ID != "device1-down" {
				continue
			}
			var labels []string
			dashes := map[string]bool{}
			for _, k := range f.key {
				labels = append(labels, k.Label)
				dashes[fmt.Sprint(k.dashes)] = true
			}
			if got := strings.Join(labels, "|"); got != want {
				t.Errorf("%d phases, %s: %q, want %q", n, f.ID, got, want)
			}
			if len(dashes) != len(labels) {
				t.Errorf("%d phases, %s: without colour the %d curves look like %d", n, f.ID, len(labels), len(dashes))
			}
		}
		if has := slices.Contains(ids, "device1-up") && slices.Contains(ids, "device1-down"); has != (want != "") {
			t.Errorf("%d phases: figures %v", n, ids)
		}
		if !slices.Contains(ids, "device1-legs1") {
			t.Errorf("%d phases: nothing of the path: %v", n, ids)
		}
	}
}

// TestUnknownRecordingIsNotShown claims that an empty id in an alignment makes no row of the page.
func TestUnknownRecordingIsNotShown(t *testing.T) {
	a, _, _ := measured(t, 1)
	for _, c := range []struct {
		ids  []string
		want bool
	}{{[]string{""}, false}, {[]string{"", "3f0a"}, true}} {
		d := NewDocument("test")
		d.Alignments = []*Alignment{NewAlignment("s", "", &alignfile.File{Alignment: a.file, RecordingIDs: c.ids}, Widths{}, false, nil)}
		page := string(written(t, d))
		if strings.Contains(page, "<th>recordings</th>") != c.want || strings.Contains(page, "<code></code>") {
			t.Errorf("%q: a row of recordings that should not be there, or none that should", c.ids)
		}
	}
}

// TestTickIsTold claims that the figure of the two directions, and their table, say what the tick of the phone's stamps does to them, by the rule that the fit took, and
// nothing where no eye can see it.
func TestTickIsTold(t *testing.T) {
	a := &Alignment{file: &align.Alignment{}}
	d := &a.file.Diagnosis
	d.SmallestRTT = 4 * time.Millisecond
	for _, c := range []struct {
		tick time.Duration
		rule align.Rounding
		want string
	}{
		{time.Millisecond, align.RoundingTruncate, "cuts its stamps to 1.000 ms: a delay to the phone is shown too short by up to that, and one back too long"},
		{time.Millisecond, align.RoundingUnknown, "which nothing confirms: a delay to the phone is then shown too short"},
		{time.Millisecond, align.RoundingNearest, "rounds its stamps to 1.000 ms: each delay is shown up to half of that"},
		{time.Nanosecond, align.RoundingTruncate, ""},
		{0, align.RoundingUnknown, ""},
	} {
		d.Quanta, d.Rounding = []align.Quantum{{Clock: "wall", Resolution: time.Second}, {Clock: "device", Resolution: c.tick}}, c.rule
		if got := a.TickNote(); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%v, %s: %q, want %q", c.tick, c.rule, got, c.want)
		}
	}

	f, _ := scenario.Named("congested")
	s := f.Draw(1)
	for i := range s.Samples {
		s.Samples[i].E -= s.Samples[i].E % align.DeviceTime(time.Millisecond)
	}
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	cut := NewAlignment("p01", "xxh3:1", &alignfile.File{Alignment: al}, Widths{}, false, &Logs{Samples: s.Samples})
	page := NewDocument("pialign test")
	page.Alignments = []*Alignment{cut}
	page.Finish()
	b := string(written(t, page))
	told := strings.Count(b, "and one back too long.")
	figures := strings.Count(b, `<figure id="device1-up"`) + strings.Count(b, `<figure id="device1-down"`) + strings.Count(b, `<figure id="device1-legs`)
	if figures < 1 || told != figures+1 || !strings.Contains(b, "the first may begin left of their law") { // and the table
		t.Errorf("told %d times, with %d figures", told, figures)
	}
	// what is told is what is seen: the shortest way to the phone looks shorter than half of the shortest round trip, the way back longer
	up, down, rtt := *cut.Phases[0].UpMin, *cut.Phases[0].DownMin, cut.Phases[0].RTTMin
	if up >= rtt/2 || down <= up {
		t.Errorf("shortest delays %d and %d of a round trip of %d", up, down, rtt)
	}
}
