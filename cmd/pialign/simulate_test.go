package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// simulation is a `pialign simulate` at work.
type simulation struct {
	address, deviceID string
	echoPort          int
	clock             scenario.Clock
	stop              func() int // ends it and returns its exit code
}

// simulating runs `pialign simulate` until the test ends or stop is called.
func simulating(t *testing.T, args ...string) simulation {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"simulate"}, args...), stdio{strings.NewReader(""), w, io.Discard})
		_ = w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("simulate %q ended with %d before its first line", args, <-code)
	}
	var v map[string]any
	d := json.NewDecoder(strings.NewReader(line))
	if err := d.Decode(&v); err != nil {
		t.Errorf("first line %q: %v", line, err)
	}
	ns := func(name string) int64 { // a string, as every *_ns and *_e18
		n, err := strconv.ParseInt(v[name].(string), 10, 64)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	s := simulation{
		address: v["address"].(string), deviceID: v["device_id"].(string), echoPort: int(v["time_echo_port"].(float64)),
		clock: scenario.Clock{Origin: align.HostTime(ns("started_host_ns")), Offset: time.Duration(ns("offset_ns")), DriftE18: ns("drift_e18")},
	}
	ended := false
	s.stop = func() int {
		ended = true
		cancel()
		return <-code
	}
	t.Cleanup(func() {
		if !ended {
			s.stop()
		}
	})
	return s
}

func TestSimulateSaysWhatItIs(t *testing.T) {
	before := time.Now().UnixNano()
	s := simulating(t, "--offset", "-840ms", "--drift=-3.5ppm", "--device-id", "fa4e0000000000aa", "--name", "P:1", "--family", "neon")
	if s.clock.Offset != -840*time.Millisecond || s.clock.DriftE18 != -3_500_000_000_000 || s.deviceID != "fa4e0000000000aa" {
		t.Errorf("%+v", s)
	}
	if o := int64(s.clock.Origin); o < before || o > time.Now().UnixNano() {
		t.Errorf("started at %d, want since %d", o, before)
	}
	resp, err := http.Get("http://" + s.address + "/api/status")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"device_id":"fa4e0000000000aa"`, `"device_name":"P:1"`, `"version":"2.0"`, `"time_echo_port":` + strconv.Itoa(s.echoPort) + "}"} {
		if !strings.Contains(strings.ReplaceAll(string(body), `"mood":{"curious":true,"since":null},`, ""), want) {
			t.Errorf("status lacks %s: %s", want, body)
		}
	}
	if code := s.stop(); code != exitDone {
		t.Errorf("exit code %d after Ctrl-C, want %d: being stopped is how it ends", code, exitDone)
	}
	if _, err := http.Get("http://" + s.address + "/api/status"); err == nil {
		t.Error("it serves on after its end")
	}
}

func TestSimulateStampsByTheClockItStates(t *testing.T) {
	s := simulating(t, "--offset", "840ms", "--drift", "12ppm", "--stamp-resolution", "1ns", "--step", "0s:1h", "--step", "0s:-30m")
	s.clock.Steps = []scenario.Step{{At: s.clock.Origin, By: 30 * time.Minute}}
	a := align.HostTime(time.Now().UnixNano())
	resp, err := http.Post("http://"+s.address+"/api/event", "application/json", strings.NewReader(`{"name":"x"}`))
	b := align.HostTime(time.Now().UnixNano())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var v struct{ Result struct{ Timestamp int64 } }
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	if e := align.DeviceTime(v.Result.Timestamp); e < s.clock.Device(a) || e > s.clock.Device(b) {
		t.Errorf("stamp %d, want %d to %d", e, s.clock.Device(a), s.clock.Device(b))
	}
}

func TestSimulateRefusesFlagsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{
		{"--drift", "12"}, {"--drift", "900000ppm"}, {"--offset", "fast"}, {"--up", "uniform:1ms:2ms"}, {"--down", "gamma:1ms"},
		{"--loss", "2"}, {"--loss", "NaN"}, {"--loss", "x"}, {"--stamp-resolution", "0s"}, {"--stamp-resolution", "-1ms"},
		{"--family", "pro"}, {"--glasses", "broken"}, {"--refuse", "tired"}, {"--lag", "-1s"}, {"--step", "1s"}, {"--seed", "-1"},
		{"--announce", "--name", strings.Repeat("n", 60)}, {"extra"}, {"--nonsense"},
	} {
		var out, talk strings.Builder
		if code := run(t.Context(), append([]string{"simulate"}, args...), stdio{strings.NewReader(""), &out, &talk}); code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, code, exitUsage)
		}
		if out.Len() > 0 || !strings.Contains(talk.String(), "pialign: error: ") || !strings.Contains(talk.String(), "pialign: hint: ") {
			t.Errorf("%q: stdout %q, stderr %q", args, out.String(), talk.String())
		}
	}
}

func TestSimulateAtAnAddressThatIsTaken(t *testing.T) {
	s := simulating(t)
	var out, talk strings.Builder
	if code := run(t.Context(), []string{"simulate", "--listen", s.address}, stdio{strings.NewReader(""), &out, &talk}); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if out.Len() > 0 || !strings.Contains(talk.String(), s.address) {
		t.Errorf("stdout %q, stderr %q", out.String(), talk.String())
	}
}
