package align

import (
	"math"
	"slices"
	"testing"
	"time"
)

// sentAt are exchanges of one phase at these times in s, each stamped when it was sent.
func sentAt(phase string, seconds ...float64) []exchange {
	var out []exchange
	for _, s := range seconds {
		out = append(out, exchange{x: s * 1e9, l: -1e6, u: 1e6, lc: -1e6, uc: 1e6, rtt: 2e6, a: noon + int64(s*1e9), phase: phase, sane: true})
	}
	return out
}

// every returns n times, step s apart.
func every(n int, step, from float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = from + float64(i)*step
	}
	return out
}

func sizes(bursts []burst) []int {
	var out []int
	for _, b := range bursts {
		out = append(out, len(b.all))
	}
	return out
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name string
		ex   []exchange
		want []int
	}{
		{"nothing", nil, nil},
		{"one", sentAt("a", 0), []int{1}},
		{"one run", sentAt("a", every(100, 0.1, 0)...), []int{100}},
		{"a phase ends without a pause", slices.Concat(sentAt("a", every(5, 1, 0)...), sentAt("b", every(7, 1, 5)...)), []int{5, 7}},
		{"a pause of 5 s is none", sentAt("a", append(every(5, 0.1, 0), every(5, 0.1, 5.4)...)...), []int{10}},
		{"a longer pause is one", sentAt("a", append(every(5, 0.1, 0), every(5, 0.1, 5.5)...)...), []int{5, 5}},
		{"ten times the usual spacing is none", sentAt("a", append(every(5, 2, 0), every(5, 2, 27.9)...)...), []int{10}},
		{"more than that is one", sentAt("a", append(every(5, 2, 0), every(5, 2, 28.1)...)...), []int{5, 5}},
		{"a run of 5 min", sentAt("a", every(300, 1, 0)...), []int{121, 121, 58}},
		{"a trickle", sentAt("a", every(60, 10, 0)...), []int{13, 13, 13, 13, 8}},
	} {
		if got := sizes(cut(c.ex)); !slices.Equal(got, c.want) {
			t.Errorf("%s: bursts of %v, want %v", c.name, got, c.want)
		}
	}
}

// A day and a half at one exchange a second would make more bursts than the clock model can take: windows grow instead.
func TestCutLimitsTheNumberOfBursts(t *testing.T) {
	got := cut(sentAt("a", every(130_000, 1, 0)...))
	if n := len(got); n > mostBursts+1 || n < mostBursts/2 {
		t.Errorf("%d bursts", n)
	}
}

// A corrupt time of sending changes the bursts of the others by nothing.
func TestCutWithCorruptTimes(t *testing.T) {
	ex := sentAt("a", every(600, 1, 0)...)
	want := sizes(cut(ex))
	for _, a := range []int64{math.MinInt64, 0, math.MaxInt64} {
		wild := exchange{a: a, phase: "a"}
		with := slices.Concat([]exchange{wild}, ex)
		if a > noon {
			with = append(slices.Clone(ex), wild)
		}
		var got []int
		dropped := 0
		for _, b := range cut(with) {
			dropped += b.dropped
			if len(b.all) > 0 {
				got = append(got, len(b.all))
			}
		}
		if !slices.Equal(got, want) || dropped != 1 {
			t.Errorf("sent at %d: bursts of %v, %d dropped, want %v and 1", a, got, dropped, want)
		}
	}
}

func TestBurstSortsByStampAndCentres(t *testing.T) {
	ex := sentAt("a", 0, 1, 2)
	ex[0].x, ex[2].x = 3e9, -6e9
	ex = append(ex, exchange{a: noon + 3e9, phase: "a"}) // not sane
	b := cut(ex)
	if len(b) != 1 || b[0].dropped != 1 || b[0].centre != -2e9/3 {
		t.Fatalf("%+v", b)
	}
	b[0].dropped = 0
	b[0].dropFalsetickers(0, 0)
	if x := []float64{b[0].kept[0].x, b[0].kept[1].x, b[0].kept[2].x}; !slices.IsSorted(x) {
		t.Errorf("stamps in the order %v", x)
	}
}

func TestBurstReport(t *testing.T) {
	b := cut(sentAt("a", every(100, 0.1, 1)...))[0]
	for i := range b.all {
		b.all[i].rtt = float64(i+1) * 1e6
	}
	b.dropFalsetickers(0, 0)
	got := b.report(origin{e: noon, d: 840e6})
	const ms = time.Millisecond
	want := BurstReport{Phase: "a", First: noon + 1e9, Last: noon + 10.9e9, Kept: 100, RTTMin: ms, RTTMedian: 50 * ms, RTTP95: 95 * ms, RTTMax: 100 * ms,
		Offset: 840 * ms, Width: 2 * ms}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
