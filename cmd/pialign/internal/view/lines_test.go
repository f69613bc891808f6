package view

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew; look at them")

const ms = time.Millisecond

// lab is a state with one phone for each kind of trouble.
func lab() State {
	trips := func(n int, each ...float64) (out []time.Duration) {
		for i := range n {
			out = append(out, time.Duration(each[i%len(each)]*1e6))
		}
		return out
	}
	fine := func(name, id string) Phone {
		return Phone{Name: name, ID: id, Addr: "192.168.1.21:8080", Done: 62, Count: 100, OK: 62, Offset: 840123456, Bound: 2100 * time.Microsecond, Bounded: true,
			DriftE18: 12_100_000_000_000, DriftHalf: 3_000_000_000_000, Drifts: true, Best: 4200 * time.Microsecond, Median: 6300 * time.Microsecond,
			Recent: trips(62, 4.2, 6.3, 5, 9, 17, 6), Battery: 83, Glasses: true, Recording: true, StatusKnown: true}
	}
	s := State{Session: "p01", Phase: "start", Percent: 41, Left: 6200 * ms, MaxError: 5 * ms}
	s.Phones = append(s.Phones, fine("Ada", "fa4e000000000001"))
	p := fine("Neon Companion", "fa4e000000000002")
	p.Tail = "0002"
	p.Lost, p.OK, p.Recent = 9, 53, trips(62, 8, 12, -1e-6, 30, 15, 9, 8)
	p.Best, p.Bound, p.Offset, p.Drifts = 8*ms, 4100*time.Microsecond, -20600*time.Microsecond, false
	s.Phones = append(s.Phones, p)
	p = fine("田中 3", "fa4e000000000003")
	p.Best, p.Median, p.Bound, p.Offset, p.Recent = 401*ms, 403*ms, 201*ms, -2*time.Hour, trips(12, 401, 403)
	p.Done, p.OK, p.Drifts = 12, 12, false
	s.Phones = append(s.Phones, p)
	p = fine("", "fa4e000000000004")
	p.Battery, p.Recording = 9, false
	s.Phones = append(s.Phones, p)
	p = fine("Eve\x1b[2J\u202e", "fa4e000000000005")
	p.Silent, p.Lost, p.Recent = 6, 6, append(trips(40, 4.2, 5), -1, -1, -1, -1, -1, -1)
	s.Phones = append(s.Phones, p)
	s.Phones = append(s.Phones, Phone{Addr: "192.168.1.77:8080", Failed: "no phone answers", Finished: true, Battery: -1})
	return s
}

func TestLines(t *testing.T) {
	crowd := lab()
	for range 5 {
		crowd.Phones = append(crowd.Phones, lab().Phones...)
	}
	fine := lab()
	fine.Phones = fine.Phones[:1]
	endless := fine
	endless.Percent, endless.Bursts, endless.FreeRunning = -1, 7, true
	for _, c := range []struct {
		file          string
		state         State
		columns, rows int
		style         Style
	}{
		{"lab80", lab(), 80, 24, Style{}},
		{"lab200", lab(), 200, 24, Style{}},
		{"lab40", lab(), 40, 24, Style{}},
		{"ascii80", lab(), 80, 24, Style{ASCII: true}},
		{"colour80", lab(), 80, 24, Style{Colour: true}},
		{"crowd80", crowd, 80, 14, Style{}},
		{"fine80", fine, 80, 24, Style{}},
		{"endless80", endless, 80, 24, Style{}},
		{"tiny", lab(), 20, 5, Style{}},
	} {
		got := strings.Join(Lines(c.state, c.columns, c.rows, c.style), "\n") + "\n"
		got = strings.ReplaceAll(got, "\x1b", "^")
		path := filepath.Join("testdata", c.file+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s:\n%swant:\n%s", c.file, got, want)
		}
	}
}

// TestLinesFit: whatever phones say and however small the terminal, nothing leaves it, and nothing commands it.
func TestLinesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.Int64().Draw(t, "span")) })
		text := rapid.String()
		s := State{Session: text.Draw(t, "session"), Phase: text.Draw(t, "phase"), Percent: rapid.IntRange(-1, 100).Draw(t, "percent"),
			Left: span.Draw(t, "left"), MaxError: span.Draw(t, "max"), FreeRunning: rapid.Bool().Draw(t, "free"), Ending: rapid.Bool().Draw(t, "ending")}
		for range rapid.IntRange(0, 12).Draw(t, "phones") {
			s.Phones = append(s.Phones, Phone{Name: text.Draw(t, "name"), ID: text.Draw(t, "id"), Addr: text.Draw(t, "addr"),
				Failed: rapid.SampledFrom([]string{"", "", "gone\n\x1b[31m"}).Draw(t, "failed"), Done: rapid.IntRange(0, 1e9).Draw(t, "done"),
				Count: rapid.IntRange(0, 1000).Draw(t, "count"), OK: rapid.IntRange(0, 1e9).Draw(t, "ok"), Lost: rapid.IntRange(0, 1e9).Draw(t, "lost"),
				Silent: rapid.IntRange(0, 9).Draw(t, "silent"), Offset: span.Draw(t, "offset"), Bound: span.Draw(t, "bound"), Bounded: rapid.Bool().Draw(t, "bounded"),
				DriftE18: rapid.Int64().Draw(t, "drift"), DriftHalf: rapid.Int64().Draw(t, "half"), Drifts: rapid.Bool().Draw(t, "drifts"),
				Best: span.Draw(t, "best"), Median: span.Draw(t, "median"), Recent: rapid.SliceOfN(span, 0, 70).Draw(t, "recent"),
				Battery: rapid.IntRange(-1, 100).Draw(t, "battery"), StatusKnown: rapid.Bool().Draw(t, "status"), Glasses: true, Recording: true})
		}
		columns, rows := rapid.IntRange(1, 210).Draw(t, "columns"), rapid.IntRange(1, 30).Draw(t, "rows")
		lines := Lines(s, columns, rows, Style{ASCII: rapid.Bool().Draw(t, "ascii")})
		if len(lines) > rows || len(lines) == 0 {
			t.Fatalf("%d lines in %d rows", len(lines), rows)
		}
		for _, line := range lines {
			if width(line) > columns || strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Fatalf("%q in %d columns", line, columns)
			}
		}
	})
}

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{"Ada": 3, "田中": 4, "é": 1, "e\u0301": 1, "ｱｲ": 2, "한글": 4, "📱": 2, "→▁█": 3, "": 0} {
		if got := width(s); got != want {
			t.Errorf("%q: %d columns, want %d", s, got, want)
		}
	}
}

// BenchmarkLines is a screen of 32 phones, drawn five times a second while they are measured.
func BenchmarkLines(b *testing.B) {
	s := lab()
	for len(s.Phones) < 32 {
		s.Phones = append(s.Phones, lab().Phones...)
	}
	for b.Loop() {
		Lines(s, 200, 50, Style{Colour: true})
	}
}
