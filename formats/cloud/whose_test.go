package cloud_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/retime"
)

const eventsHeader = "recording id,timestamp [ns],name,type\n"

// A recording's folder taken out of a re-timed download has nothing in it that says so, but its begin is no phone's.
func TestRetimedTwice(t *testing.T) {
	wrapper := files{"sections.csv": "section id,recording id,section start time [ns],section end time [ns],start event name,end event name\n" +
		"s,r1,1700000000000000000,1700003600000000000,recording.begin,recording.end\n"}
	for name, b := range plain {
		wrapper["rec-r1/"+name] = b
	}
	odd := second // as every alignment that is not made up: no whole ms
	odd.Offset += 123_456
	out, _, err := attempt(t, wrapper, odd.Clocks(t), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	taken, tables := files{}, files{}
	for name, b := range out {
		if rest, ok := strings.CutPrefix(name, "rec-r1/"); ok {
			taken[rest] = b
		}
		if name == "sections.csv" {
			tables[name] = b
		}
	}
	for name, c := range map[string]struct {
		f    files
		says string
	}{
		"the folder":                 {taken, "info.json: these times are not a phone's: start_time is not in whole ms"},
		"in a wrapper again":         {files{"a/info.json": taken["info.json"], "a/gaze.csv": taken["gaze.csv"]}, "start_time is not in whole ms"},
		"without its info.json":      {taken.With(files{"info.json": "-"}), "recording.begin is not in whole ms"},
		"renamed":                    {files{"gaze.csv": taken["gaze.csv"], "Events (2).csv": taken["events.csv"]}, "recording.begin is not in whole ms"},
		"events beside another info": {plain.With(files{"events.csv": taken["events.csv"]}), "recording.begin is not in whole ms"},
		"sections alone":             {tables, "recording.begin is not in whole ms"},
	} {
		for _, answer := range []string{"", retime.SenderDevice, retime.SenderHost} {
			_, _, err := attempt(t, c.f, odd.Clocks(t), retime.Options{SenderStamps: answer})
			if !errors.Is(err, retime.ErrRetimed) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, sender stamps %q: %v", name, answer, err)
			}
		}
	}
	if _, err := cloud.Open(taken.Folder(t)); !errors.Is(err, retime.ErrRetimed) {
		t.Errorf("Open: %v", err)
	}
}

// Whoever sends an event may call it as the app calls its own.
func TestBorrowedNames(t *testing.T) {
	const begin, end = "r1,1700000000000000000,recording.begin,recording\n", "r1,1700003600000000000,recording.end,recording\n"
	for _, c := range []struct {
		name, events string
		flagged      int
	}{
		{"the app's own", begin + end, 0},
		{"a second begin", begin + "r1,1700000010123456789,recording.begin,recording\n" + end, 1},
		{"a begin before the app's", "r1,1700000010123456789,recording.begin,recording\n" + begin + end, 1},
		{"a begin hours before", "r1,1600000000000000000,recording.begin,recording\n" + begin + end, 1},
		{"an end within", begin + "r1,1700000010123456789,recording.end,recording\n" + end, 1},
		{"an end after the app's", begin + end + "r1,1700003600123456789,recording.end,recording\n", 1},
		{"an end hours after the app's", begin + end + "r1,1700013600000000000,recording.end,recording\n", 1},
		{"an end of 0", begin + end + "r1,0,recording.end,recording\n", 1},
	} {
		for _, without := range []string{"", "info.json"} {
			f := plain.With(files{"events.csv": eventsHeader + c.events})
			if without != "" {
				if c.name == "a begin hours before" || c.name == "an end hours after the app's" {
					continue // nothing tells which of the two is the app's
				}
				f = f.With(files{without: "-"})
			}
			_, _, err := attempt(t, f, second.Clocks(t), retime.Options{})
			var se *retime.SenderError
			switch {
			case c.flagged == 0 && err != nil:
				t.Errorf("%s, without %q: %v", c.name, without, err)
			case c.flagged > 0 && (!errors.As(err, &se) || se.Total != c.flagged):
				t.Errorf("%s, without %q: %v, want %d events of senders", c.name, without, err, c.flagged)
			}
		}
	}
}

// An events table is known by its header, wherever it lies and whatever it is called.
func TestEventsByAnotherName(t *testing.T) {
	sent := "r1,1700000010123456789,go,recording\n"
	whole := plain["events.csv"] + sent
	wrapper := files{"mapper/my events.csv": eventsHeader + sent}
	for name, b := range plain {
		wrapper["rec/"+name] = b
	}
	for name, f := range map[string]files{
		"renamed":             plain.With(files{"events.csv": "-", "p01_events.csv": whole}),
		"a copy beside it":    plain.With(files{"Events (1).CSV": whole}),
		"in a folder":         plain.With(files{"sub/presses.csv": "type,note,name,Timestamp [ns] \nrecording,,go,1700000010123456789\n"}),
		"beside a recording":  wrapper,
		"an enrichment alone": {"gaze.csv": "recording id,timestamp [ns]\nr1,1700000001000000015\n", "marks.csv": eventsHeader + sent},
	} {
		_, _, err := attempt(t, f, second.Clocks(t), retime.Options{})
		var se *retime.SenderError
		if !errors.As(err, &se) || se.Total != 1 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out, _, err := attempt(t, f, second.Clocks(t), retime.Options{SenderStamps: retime.SenderHost})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := ""
		for _, b := range out {
			all += b
		}
		if !strings.Contains(all, "1700000010123456789") {
			t.Errorf("%s: a stamp of the host's was mapped", name)
		}
	}
}

// sections.csv too: bounds that are a sender's follow their events.
func TestSectionsByAnotherName(t *testing.T) {
	sections := "recording id,section start time [ns],section end time [ns],start event name,end event name\n" +
		"r1,1700000010123456789,1700003600000000000,go,recording.end\n"
	f := plain.With(files{"events.csv": plain["events.csv"] + "r1,1700000010123456789,go,recording\n", "Sections (1).csv": sections})
	out, _, err := attempt(t, f, second.Clocks(t), retime.Options{SenderStamps: retime.SenderHost})
	if err != nil || !strings.Contains(out["Sections (1).csv"], "r1,1700000010123456789,1700003601072000000,") { // 1 s, and 20 ppm of an hour
		t.Errorf("%q, %v", out["Sections (1).csv"], err)
	}
}
