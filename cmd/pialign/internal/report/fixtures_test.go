package report

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/alignfile"
)

// hostile are names that would do something on a page, a terminal or in JSON if they were not taken for text.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</script><script>alert(1)</script>`, `]]><svg onload=alert(1)>`, "\u202eevil\u202c",
	"a\x00b\x1b[31m\u2028c", `{{.Program}}`, `javascript:alert(1)`, `</title><b>`, `<!--`, "'><b onclick='x'>",
}

// aligned fits a session of a family and describes it, with a hostile name in each place that a name goes.
func aligned(t testing.TB, family string, seed uint64, name func(int) string) *Alignment {
	t.Helper()
	f, ok := scenario.Named(family)
	if !ok {
		t.Fatalf("no family %s", family)
	}
	s := f.Draw(seed)
	for i := range s.Samples {
		s.Samples[i].Phase += name(3)
	}
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	var w Widths
	p := al.Wall.Parts()
	if d, ok := al.Wall.WorstHalfWidth(p.First, p.Last); ok {
		w.Likely = number(d)
	}
	if d, ok := al.Wall.WorstStatHalfWidth(p.First, p.Last); ok {
		w.Stat = number(d)
	}
	if d, ok := al.Wall.WorstBoundHalfWidth(p.First, p.Last); ok {
		w.Bound = number(d)
	}
	file := &alignfile.File{Device: alignfile.Device{ID: family + name(0), Name: "phone" + name(1)}, Program: "pialign" + name(4), Alignment: al,
		Logs: []alignfile.LogRef{{Name: "log" + name(2)}}, RecordingIDs: []string{name(5)}}
	if family == "const_asym" { // as where the wall clock has no map
		al.Wall = nil
	}
	return NewAlignment("p01"+name(6), "xxh3:"+family, file, w, false, &Logs{Samples: s.Samples})
}

// streamsOf makes up n streams; every third has gaps, and the first none.
func streamsOf(n int, name func(int) string) (out []Stream) {
	const begin, length = Number(1_767_603_600_000_000_000), Number(20 * time.Minute)
	for i := range n {
		first, last := begin+Number(i)*1e9, begin+length-Number(i)*5e9
		s := Stream{File: fmt.Sprintf("stream %d ps1.time", i) + name(i), Column: "time" + name(i+1), Parts: i % 3, Samples: 240_000, First: &first, Last: &last}
		for k := range i % 3 * 4 {
			from, length := begin+Number(k+1)*Number(2*time.Minute), Number(150_000_000)<<k
			s.Longest = append(s.Longest, Gap{From: &from, Length: length})
			s.Gaps, s.Total, s.Worst = s.Gaps+1, s.Total+length, length
		}
		out = append(out, s)
	}
	return out
}

func plainName(int) string { return "" }

// studied makes a study of n recordings of pairs of phones, with names as downloads have them; every tenth is not as it should be.
func studied(n int, name func(int) string) *Study {
	var rows []batch.Row
	for i := range n {
		folder := fmt.Sprintf("2026-01-05_09-00-00-%08x", 0xd8df71f4-i*2654435)
		output := fmt.Sprintf("data/p%03d/%s", i/2, folder)
		if i%4 == 1 {
			output += ".zip"
		}
		r := batch.Record{Input: "study/" + output + name(i), Output: output + name(i), Outcome: batch.Done}
		first := int64(1_767_603_600_000_000_000) + int64(i/2)*int64(3*time.Hour)
		rec := batch.RecordRecording{Name: folder + name(i+1), Source: fmt.Sprintf("study/sessions/p%03d", i/2) + name(i), DeviceID: fmt.Sprintf("fa4e%012x", i%2) + name(i+2), Alignment: fmt.Sprintf("xxh3:%016x", i/2), Clock: "wall", Confirmed: true,
			Offset: batch.Nanos(int64(840_000_000+i*1_234_567%90_000_000), true), DriftE18: batch.Nanos(int64(9_000_000_000_000+i*7_654_321_000%6_000_000_000_000), true),
			HalfWidth: batch.Nanos(int64(1_000_000+i*i*7919%4_000_000), true), StatHalfWidth: batch.Nanos(int64(500_000), true), BoundHalfWidth: batch.Nanos(int64(4_000_000+i*104_729%9_000_000), true),
			RTTMin: batch.Nanos(int64(4_000_000+i*1000), true), RTTMedian: batch.Nanos(int64(9_000_000), true), Samples: 200, Used: 199, Bursts: 2}
		rec.SetSpan(align.DeviceTime(first), align.DeviceTime(first+int64(40*time.Minute)))
		if i%3 == 0 {
			rec.Gaps = &batch.Gaps{File: "gaze.csv" + name(i)}
			if i%5 == 0 {
				rec.Gaps.Count, rec.Gaps.Total, rec.Gaps.Longest = 1+i, batch.Number(i+1)*200_000_000, 150_000_000
			}
		}
		if i%7 == 0 {
			rec.Warnings = []string{"burst 1 (phase \"start\"): 1 of 100 exchanges are impossible beside the others and were dropped" + name(i)}
		}
		if i == 99 { // one burst, an hour away
			rec.HalfWidth, rec.BoundHalfWidth = batch.Nanos(int64(214_510_000), true), batch.Nanos(int64(737_709_000), true)
			rec.Warnings = []string{"reaches 1 h 1 min beyond the exchanges, where the clocks were not watched: the interval grows there",
				"one burst only: the drift is unknown; for every hour from it the 95 % half-width grows by 212ms and the bound by 720ms. Probe once more, as far from it as can be"}
		}
		switch i % 40 {
		case 11:
			r.Outcome, r.Error, r.Hint = batch.Failed, r.Input+"/"+folder+"/gaze.csv: zip that cannot be taken: it holds less than its directory says"+name(i), "download it again"
		case 22:
			r.Outcome, r.Error, r.Hint = batch.Passed, "its phone (device id fa4e000000000102) was measured in 2 sessions, the nearest study/sessions/p10, 94h59m0s from it"+name(i), "give the folder with its session by --sessions"
		case 33:
			rec.Confirmed, rec.HalfWidth = false, nil
		}
		r.Recordings = []batch.RecordRecording{rec}
		rows = append(rows, batch.Rows(&r, true, 4*time.Millisecond)...)
	}
	return NewStudy("aligned"+name(7), rows, 4*time.Millisecond, "pialign test")
}

// pages are what the tests look at: everything that a page can show.
func pages(t testing.TB) map[string]*Document {
	bad := func(i int) string { return hostile[i%len(hostile)] }
	session := NewDocument("pialign test")
	session.Alignments = []*Alignment{aligned(t, "congested", 1, plainName)}
	many := NewDocument("pialign test")
	for _, f := range []string{"multi_linear", "phone_step", "host_step", "eight_hours", "phone_step_burst", "roaming", "wall_only", "outliers_lost", "single_phase", "lone_corrupt", "const_asym"} {
		many.Alignments = append(many.Alignments, aligned(t, f, 2, plainName))
	}
	many.Alignments = append(many.Alignments, clocked(t, map[time.Duration]time.Duration{5*time.Minute + 500*time.Millisecond: 250 * time.Millisecond, 12*time.Minute + 500*time.Millisecond: -90 * time.Millisecond},
		func(at time.Duration) time.Duration {
			return at/80_000 + time.Duration(float64(at)*at.Minutes())/4_000_000
		}))
	many.Alignments = append(many.Alignments, Unaligned("p02", "fa4e000000000009", "", "too few exchanges"))
	wild := NewDocument("pialign test")
	wild.Notes = hostile
	wild.Alignments = []*Alignment{aligned(t, "two_probes", 3, bad), Unaligned(hostile[0], hostile[1], hostile[2], hostile[3])}
	wild.Retimed = []Retimed{{Source: hostile[0], Program: hostile[1], Clock: hostile[2], Mode: hostile[3], Recordings: []RetimedRecording{{Name: hostile[4], DeviceID: hostile[5], Alignment: hostile[6], Streams: streamsOf(12, bad)}, {Name: "absurd", Streams: []Stream{
		{First: number(math.MaxInt64), Last: number(math.MinInt64), Gaps: 1, Total: math.MaxInt64, Worst: 1, Longest: []Gap{{number(math.MinInt64), math.MaxInt64}}}}}},
		Files: []RetimedFile{{Name: hostile[7], Action: hostile[8], Columns: hostile, Rows: 3}}, Refused: hostile}}
	wild.Studies = []*Study{studied(80, bad)}
	study := NewDocument("pialign test")
	study.Studies = []*Study{studied(300, plainName)}
	session.Retimed = []Retimed{{Source: "rec", Program: "pialign test", Clock: "wall", Mode: "replace", Recordings: []RetimedRecording{
		{Name: "2026-01-05_09-00-00", Streams: streamsOf(6, plainName)}, {Name: "whole", Streams: streamsOf(1, plainName)}}}}
	all := map[string]*Document{"session": session, "many": many, "hostile": wild, "study": study}
	if os.Getenv("PIALIGN_REPORT_PAGES") != "" { // takes its time
		all["large"] = NewDocument("pialign test")
		all["large"].Alignments = []*Alignment{aligned(t, "hundred_thousand", 1, plainName)}
	}
	for _, d := range all {
		d.Finish()
	}
	return all
}

func written(t testing.TB, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
