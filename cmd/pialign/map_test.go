package main

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// mapModel is a map with a drift and an interval that grows by 200 ppm, the fastest there is.
func mapModel(t testing.TB) *align.Model[align.HostTime] {
	t.Helper()
	const from, to = align.DeviceTime(1_767_600_000_000_000_000), align.DeviceTime(1_767_610_000_000_000_000)
	v := func(lo, hi time.Duration) align.Interval { return align.Interval{Lo: lo, Hi: hi} }
	m, err := align.NewModel[align.HostTime](align.Parts{
		Segments: []align.Segment{{From: from, To: to, Ref: from, Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000}},
		Knots: []align.Knot{
			{At: from, Stat: v(-1e6, 1e6), Likely: v(-2e6, 2e6), Bound: v(-3e6, 4e6), Bounded: true},
			{At: from + 5e12, Stat: v(-1e9, 1e9), Likely: v(-1e9, 1e9), Bound: v(-1e9, 1e9), Bounded: true},
		},
		First: from, Last: from + 5e12,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mapped(t *testing.T, m *align.Model[align.HostTime], inverse bool, instants ...int64) [][]string {
	t.Helper()
	var in strings.Builder
	for _, v := range instants {
		in.WriteString(strconv.FormatInt(v, 10) + "\n")
	}
	var out bytes.Buffer
	if err := mapInstants(t.Context(), &out, newLines(strings.NewReader(in.String())), m, mapOptions{inverse: inverse}); err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(out.String()) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), ","))
	}
	if len(rows) != len(instants)+1 || len(rows[0]) != 8 {
		t.Fatalf("%d rows for %d instants", len(rows), len(instants))
	}
	return rows[1:]
}

func ns(t *testing.T, s string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestMapGivesTheModelsIntegers(t *testing.T) {
	m := mapModel(t)
	const d = int64(1_767_602_500_000_000_123)
	row := mapped(t, m, false, d)[0]
	e, err := m.Estimate(align.DeviceTime(d))
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{d, int64(e.Host), int64(e.Host) + int64(e.Likely.Lo), int64(e.Host) + int64(e.Likely.Hi), int64(e.Host) + int64(e.Stat.Lo),
		int64(e.Host) + int64(e.Stat.Hi), int64(e.Host) + int64(e.Bound.Lo), int64(e.Host) + int64(e.Bound.Hi)}
	for i, cell := range row {
		if ns(t, cell) != want[i] {
			t.Errorf("column %d: %s, want %d", i, cell, want[i])
		}
	}
	// Beyond the last knot the map goes on and nothing is known of its error.
	row = mapped(t, m, false, 1_767_606_000_000_000_000)[0]
	if row[1] == "" || strings.Join(row[2:], "") != "" {
		t.Errorf("unbounded: %q", row)
	}
}

// TestMapInverseIntervals: a device instant at the end of the interval given for h has an interval of its own, on
// the host's clock, that ends at h; one 10 ns further out does not reach it.
func TestMapInverseIntervals(t *testing.T) {
	m := mapModel(t)
	const h = int64(1_767_602_500_840_000_123)
	row := mapped(t, m, true, h)[0]
	holds := func(device int64, pick func(align.Estimate[align.HostTime]) align.Interval) bool {
		e, err := m.Estimate(align.DeviceTime(device))
		if err != nil {
			t.Fatal(err)
		}
		v := pick(e)
		return int64(e.Host)+int64(v.Lo) <= h && h <= int64(e.Host)+int64(v.Hi)
	}
	for i, pick := range []func(align.Estimate[align.HostTime]) align.Interval{
		func(e align.Estimate[align.HostTime]) align.Interval { return e.Likely },
		func(e align.Estimate[align.HostTime]) align.Interval { return e.Stat },
		func(e align.Estimate[align.HostTime]) align.Interval { return e.Bound },
	} {
		lo, hi := ns(t, row[2+2*i]), ns(t, row[3+2*i])
		// 5 ns: the ns that each end is moved out, and the rounding of map and interval.
		if !holds(lo+5, pick) || !holds(hi-5, pick) {
			t.Errorf("interval %d: [%d, %d] is too wide", i, lo, hi)
		}
		if holds(lo-5, pick) || holds(hi+5, pick) {
			t.Errorf("interval %d: [%d, %d] is too narrow", i, lo, hi)
		}
	}
	if row[1] != strconv.FormatInt(deviceOf(t, m, h), 10) {
		t.Errorf("device instant %s", row[1])
	}
}

func deviceOf(t *testing.T, m *align.Model[align.HostTime], h int64) int64 {
	t.Helper()
	d, err := m.Device(align.HostTime(h))
	if err != nil {
		t.Fatal(err)
	}
	return int64(d)
}

func FuzzLines(f *testing.F) {
	for _, s := range []string{"1\n2\n", "-1", "\xef\xbb\xbf7\r\n8\r\n", "", "\n", "1e9\n", "9223372036854775808", "+1", " 1", "1\n\n2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		// What is accepted is integers, a line each: written again they are what was read.
		l := newLines(bytes.NewReader(b))
		var again []byte
		for {
			v, err := l.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				if v != 0 || !strings.Contains(err.Error(), "line "+strconv.Itoa(l.line)) {
					t.Fatalf("%d with %v", v, err)
				}
				return
			}
			again = append(strconv.AppendInt(again, v, 10), '\n')
		}
		plain := bytes.ReplaceAll(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
		plain = bytes.TrimSuffix(plain, []byte("\r")) // of a last line without its end
		if len(plain) > 0 && plain[len(plain)-1] != '\n' {
			plain = append(plain, '\n')
		}
		for _, line := range bytes.SplitAfter(plain, []byte("\n")) {
			if len(line) > 2 && (line[0] == '0' || line[0] == '-' && line[1] == '0') {
				return // 007 is 7
			}
		}
		if !bytes.Equal(plain, again) {
			t.Fatalf("%q was read as %q", b, again)
		}
	})
}

// BenchmarkMap, from device to host, is to stay below 1000 ns a row: a million rows a second. The other way has no limit.
func BenchmarkMap(b *testing.B) {
	for _, inverse := range []bool{false, true} {
		b.Run("inverse="+strconv.FormatBool(inverse), func(b *testing.B) {
			m := mapModel(b)
			line := []byte("1767602500840000123\n")
			b.SetBytes(int64(len(line)))
			if err := mapInstants(b.Context(), io.Discard, newLines(io.LimitReader(&repeated{line, 0}, int64(b.N*len(line)))), m, mapOptions{inverse: inverse}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// repeated is a line again and again.
type repeated struct {
	line []byte
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.line[r.at]
		r.at = (r.at + 1) % len(r.line)
	}
	return len(p), nil
}
