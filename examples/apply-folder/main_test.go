package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

const (
	device = "fa4e000000000001"
	start  = align.HostTime(1_767_603_600_000_000_000)
)

// measure makes the logs of a session: two phases an hour apart on a simulated clock, and a recording meanwhile.
func measure(t *testing.T, session string) *fakephone.Phone {
	t.Helper()
	now := fakephone.NewVirtualTime(start, 5_000_000_000)
	way := scenario.Delay{Law: scenario.Exponential, Floor: time.Millisecond, Scale: time.Millisecond, Max: 20 * time.Millisecond}
	phone, err := fakephone.Start(t.Context(), fakephone.Config{Time: now, DeviceID: device, Up: way, Down: way,
		Clock: scenario.Clock{Origin: start, Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000}}, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = phone.Close() })
	for _, phase := range []string{"start", "end"} {
		p, err := probe.Open(t.Context(), phone.Addr(), probe.Options{Clock: now, Session: "s", Phase: phase})
		if err != nil {
			t.Fatal(err)
		}
		log, err := probelog.Create(session, probelog.Header{Session: "s", DeviceID: device, Phase: phase, Program: program, Started: now.Now()})
		if err != nil {
			t.Fatal(err)
		}
		err = probe.Run(t.Context(), p, probe.Schedule{Count: 30}, func(x probe.Exchange) error {
			return log.Append(probelog.Row{Sample: x.Sample, EventName: x.EventName, RecordingID: x.RecordingID, Status: string(x.Outcome), Fresh: x.Fresh})
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if phase == "start" {
			post(t, phone, "recording:start")
			now.Advance(time.Hour)
			post(t, phone, "recording:stop_and_save")
		}
	}
	return phone
}

func post(t *testing.T, p *fakephone.Phone, what string) {
	t.Helper()
	resp, err := http.Post("http://"+p.Addr()+"/api/"+what, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", what, resp.Status)
	}
}

func TestApplyFolder(t *testing.T) {
	root := t.TempDir()
	session, recording := filepath.Join(root, "s"), filepath.Join(root, "rec")
	phone := measure(t, session)
	r := phone.Recordings()[0]
	if err := os.Mkdir(recording, 0o777); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"info.json": fmt.Sprintf(`{"android_device_id": %q, "recording_id": %q, "start_time": %d, "duration": %d}`, device, r.ID, r.BeganStamp, r.EndedStamp-r.BeganStamp),
		"events.csv": fmt.Sprintf("recording id,timestamp [ns],name,type\n%[1]s,%[2]d,recording.begin,recording\n%[1]s,%[3]d,recording.end,recording\n",
			r.ID, r.BeganStamp, r.EndedStamp),
		"notes.txt": "no times in here\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(recording, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}

	program := filepath.Join(t.TempDir(), "apply-folder.exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), program, session, recording, filepath.Join(root, "out")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"events.csv: retimed", "info.json: retimed", "notes.txt: copied"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in %q", want, out)
		}
	}
	b, err := os.ReadFile(filepath.Join(root, "out", "rec", "events.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	for i, truth := range []align.HostTime{r.Began, r.Ended} {
		v, err := strconv.ParseInt(strings.Split(lines[i+1], ",")[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		// The stamp is cut to whole ms, so it stands for an instant up to 1 ms before; the fit is allowed another one.
		if off := truth.Sub(align.HostTime(v)); off < -time.Millisecond || off > 2*time.Millisecond {
			t.Errorf("%s is off by %v", lines[i+1], off)
		}
	}

	if out, err := exec.CommandContext(t.Context(), program, session, recording, filepath.Join(root, "out")).CombinedOutput(); err == nil {
		t.Errorf("it wrote over its output: %s", out)
	}
}
