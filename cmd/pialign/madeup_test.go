package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/probe/fakephone"
)

// someMadeUp is a recording of a minute.
func someMadeUp() madeUp {
	const begin = 1_767_603_600_123_456_789
	clock := scenario.Clock{Origin: begin, Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000}
	r := fakephone.Recording{ID: "0f8f1d3c-54a3-4e0e-9a53-6b1d0d1c7a21", Began: begin, Ended: begin + 60_000_000_000, State: fakephone.Saved}
	r.BeganStamp, r.EndedStamp = clock.Device(r.Began)/1_000_000*1_000_000, clock.Device(r.Ended)/1_000_000*1_000_000
	r.Events = []fakephone.RecordingEvent{{Name: "recording.begin", Stamp: r.BeganStamp}, {Name: `a "quoted", one`, Stamp: r.BeganStamp + 1},
		{Name: "recording.end", Stamp: r.EndedStamp}}
	return madeUp{deviceID: "fa4e000000000001", deviceName: "OnePlus8", clock: clock, recording: r, seed: 3}
}

func writeMadeUp(t *testing.T, m madeUp) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), m.folder())
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := m.write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// columns reads a CSV file into columns by name.
func columns(t *testing.T, path string) map[string][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]string)
	for _, row := range rows[1:] {
		for i, name := range rows[0] {
			out[name] = append(out[name], row[i])
		}
	}
	return out
}

func TestMadeUpHoldsTogether(t *testing.T) {
	m := someMadeUp()
	dir := writeMadeUp(t, m)
	if got, want := m.folder(), "2026-01-05_08-59-59-0f8f1d3c"; got != want { // 840 ms before nine
		t.Errorf("folder %s, want %s", got, want)
	}
	gaze := columns(t, filepath.Join(dir, "gaze.csv"))
	stamps := m.gazeStamps()
	if len(gaze["timestamp [ns]"]) != len(stamps) || len(stamps) < 1100 {
		t.Fatalf("%d gaze rows for %d stamps of a minute", len(gaze["timestamp [ns]"]), len(stamps))
	}
	for i, s := range stamps {
		if gaze["timestamp [ns]"][i] != strconv.FormatInt(int64(s), 10) {
			t.Fatalf("row %d is at %s, want %d", i, gaze["timestamp [ns]"][i], s)
		}
		if s < m.recording.BeganStamp || s > m.recording.EndedStamp || i > 0 && s <= stamps[i-1] {
			t.Fatalf("gaze stamp %d is out of order or out of the recording", s)
		}
		if at := m.clock.Host(s); len(at) != 1 {
			t.Fatalf("gaze stamp %d has host instants %v", s, at)
		}
	}
	// What begins and ends, begins and ends at a gaze sample that carries its id.
	for file, id := range map[string]string{"fixations.csv": "fixation id", "blinks.csv": "blink id"} {
		first, last := make(map[string]string), make(map[string]string)
		for i, v := range gaze[id] {
			if v != "" {
				if first[v] == "" {
					first[v] = gaze["timestamp [ns]"][i]
				}
				last[v] = gaze["timestamp [ns]"][i]
			}
		}
		c := columns(t, filepath.Join(dir, file))
		if len(c[id]) == 0 || len(c[id]) < len(first)-1 {
			t.Errorf("%s: %d rows for %d ids in gaze.csv", file, len(c[id]), len(first))
		}
		for i, v := range c[id] {
			if c["start timestamp [ns]"][i] != first[v] || c["end timestamp [ns]"][i] != last[v] {
				t.Errorf("%s: %s %s is %s to %s, gaze.csv has %s to %s", file, id, v, c["start timestamp [ns]"][i], c["end timestamp [ns]"][i], first[v], last[v])
			}
		}
	}
	if events := columns(t, filepath.Join(dir, "events.csv")); events["name"][1] != `a "quoted", one` || events["timestamp [ns]"][0] != strconv.FormatInt(int64(m.recording.BeganStamp), 10) {
		t.Errorf("events %v", events)
	}
	b, err := os.ReadFile(filepath.Join(dir, "info.json"))
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Device string      `json:"android_device_id"`
		Start  json.Number `json:"start_time"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&info); err != nil || info.Device != m.deviceID || info.Start.String() != strconv.FormatInt(int64(m.recording.BeganStamp), 10) {
		t.Errorf("%+v, %v in %s", info, err, b)
	}
}

func TestMadeUpIsTakenForARecording(t *testing.T) {
	m := someMadeUp()
	r, err := formats.Open(writeMadeUp(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if ids := r.DeviceIDs(); len(ids) != 1 || ids[0] != m.deviceID {
		t.Errorf("devices %q", ids)
	}
	if ids := r.RecordingIDs(); len(ids) != 1 || ids[0] != m.recording.ID {
		t.Errorf("recordings %q", ids)
	}
}

func TestMadeUpOfOneSeedIsOne(t *testing.T) {
	m := someMadeUp()
	a, b := writeMadeUp(t, m), writeMadeUp(t, m)
	m.seed++
	c := writeMadeUp(t, m)
	read := func(dir string) string {
		text, err := os.ReadFile(filepath.Join(dir, "gaze.csv"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if read(a) != read(b) || read(a) == read(c) {
		t.Error("gaze.csv does not follow the seed")
	}
}
