package main

import (
	"encoding/csv"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/view"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

var updateScreens = flag.Bool("update-screens", false, "write testdata/screens anew; look at them")

// recordedExchange is a line of testdata/exchanges.csv.
type recordedExchange struct {
	device int
	probe.Exchange
}

func recordedExchanges(t *testing.T) []recordedExchange {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "exchanges.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []recordedExchange
	for _, row := range rows[1:] {
		var n [7]int64
		for i, text := range row {
			if i != 1 {
				if n[i], err = strconv.ParseInt(text, 10, 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		out = append(out, recordedExchange{int(n[0]), probe.Exchange{Outcome: probe.Outcome(row[1]), Sample: align.Sample{
			A: align.HostTime(n[2]), E: align.DeviceTime(n[3]), B: align.HostTime(n[4]), MonoA: align.MonoTime(n[5]), MonoB: align.MonoTime(n[6])}}})
	}
	return out
}

// TestScreenOfRecordedExchanges drives the screen with a real measurement of three fake phones and compares what it
// looks like; and with the truth, where that is known.
func TestScreenOfRecordedExchanges(t *testing.T) {
	exchanges := recordedExchanges(t)
	clock := fakephone.NewVirtualTime(exchanges[0].A, exchanges[0].MonoA)
	m := &measurement{out: newSpeaker(io.Discard), talk: newSpeaker(io.Discard), clock: clock,
		o: probeOptions{session: t.TempDir() + "/p01", phase: "start", count: 12, every: 20e9, total: 105e9, maxError: 5e6, json: true}}
	for i, name := range []string{"Ada", "OnePlus8", "OnePlus8"} {
		m.phones = append(m.phones, &measured{spec: "192.168.1." + strconv.Itoa(21+i) + ":8080",
			status: probe.Status{Phone: probe.PhoneStatus{Name: name, DeviceID: "fa4e00000000000" + strconv.Itoa(i)}}})
	}
	p := newProgress(t.Context(), m)
	defer p.end()
	for i := range m.phones {
		s := probe.Status{Phone: probe.PhoneStatus{Battery: 78 - 31*i}, Hardware: &probe.HardwareStatus{Version: "1.0"}, Recording: &probe.RecordingStatus{ID: "x", Action: "START"}}
		p.status(i, s)
	}
	for n, x := range exchanges {
		_, now := clock.Stamp()
		clock.Advance(max(0, x.MonoA.Sub(now)))
		p.step(x.device, x.Exchange)
		if x.device == 0 && x.Good() {
			// host - device when the phone stamped is truth; the stamp is up to 1 ms, its resolution, older. The bound is about
			// their difference, which is therefore up to 1 ms more.
			const started, offset, drift = 1795627281898643684, 840e6, 12e-6
			truth := offset + drift*float64(int64(x.A)-started)
			v := p.state().Phones[0]
			if lo, hi := float64(v.Offset-v.Bound), float64(v.Offset+v.Bound); truth+1e6 < lo || truth > hi {
				t.Errorf("exchange %d: offset %v +- %v, truth %.0f ns", n, v.Offset, v.Bound, truth)
			}
			if v.Drifts && max(v.DriftE18-12e12, 12e12-v.DriftE18) > v.DriftHalf {
				t.Errorf("exchange %d: drift %d +- %d, truth 12 ppm", n, v.DriftE18, v.DriftHalf)
			}
		}
		if n == 40 || n == len(exchanges)-1 {
			for _, columns := range []int{80, 200} {
				screenGolden(t, "recorded"+strconv.Itoa(n)+"_"+strconv.Itoa(columns), view.Lines(p.state(), columns, 24, view.Style{}))
			}
		}
	}
	if v := p.state().Phones[0]; !v.Drifts {
		t.Error("no drift after 105 s")
	}
	// What the fit says in the end takes the place of the preliminary figures, and the screen no longer calls them so.
	for i, phone := range m.phones {
		if v := p.state().Phones[i]; v.Judged {
			t.Errorf("phone %d: judged before the end", i)
		}
		for _, x := range exchanges {
			if x.device == i && x.Good() {
				phone.samples = append(phone.samples, x.Sample)
			}
		}
	}
	m.progress = p
	m.judge()
	for i, phone := range m.phones {
		v, e := p.state().Phones[i], phone.estimate
		if !v.Judged || v.Bound != e.Bound.HalfWidth() || int64(v.Offset) != int64(e.Host)-int64(phone.at) {
			t.Errorf("phone %d: %+v, want what the fit says: %+v", i, v, e)
		}
	}
	if last := strings.Join(view.Lines(p.state(), 80, 24, view.Style{}), "\n"); !strings.Contains(last, "bound ") || strings.Contains(last, "bound?") {
		t.Errorf("the last screen:\n%s", last)
	}
}

func screenGolden(t *testing.T, name string, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", "screens", name+".golden")
	if *updateScreens {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s:\n%swant:\n%s", name, got, want)
	}
}

// TestTrackedContradictions: one clock that was set is told and the figures go on; exchanges that contradict each other again and again are worth none.
func TestTrackedContradictions(t *testing.T) {
	for _, c := range []struct {
		name     string
		each     int // so many exchanges in turns
		unusable bool
	}{{"set once", 20, false}, {"jumps all the time", 1, true}} {
		tr := newTracked(&measured{spec: "a"}, probe.Event, nil)
		for i, e := range exchangesOf(steady)[:40] {
			if i/c.each%2 == 1 {
				e.E = e.E.Add(5 * time.Second)
			}
			tr.take(e)
		}
		s := view.State{Phase: "end", MaxError: time.Second, Phones: []view.Phone{tr.phone(40)}}
		p := s.Phones[0]
		if p.Unusable != c.unusable || p.Bounded == c.unusable || !p.Set {
			t.Errorf("%s: %+v", c.name, p)
		}
		if light := s.Light(0); (light == view.Bad) != c.unusable || light == view.Good {
			t.Errorf("%s: light %v", c.name, light)
		}
	}
}
