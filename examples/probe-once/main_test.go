package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

func TestProbeOnce(t *testing.T) {
	clock := probe.SystemClock()
	now := func() align.HostTime { h, _ := clock.Stamp(); return h }
	p, err := fakephone.Start(t.Context(), fakephone.Config{Time: fakephone.RealTime(now), DeviceID: "fa4e000000000001",
		Clock: scenario.Clock{Origin: now(), Offset: 840 * time.Millisecond}}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()

	program := filepath.Join(t.TempDir(), "probe-once.exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), program, p.Addr()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := regexp.MustCompile(`^phone fa4e000000000001: host - device = (\S+), between (\S+) and (\S+) off\n$`).FindStringSubmatch(string(out))
	if m == nil {
		t.Fatalf("it printed %q", out)
	}
	var v [3]time.Duration
	for i := range v {
		if v[i], err = time.ParseDuration(m[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if off := 840*time.Millisecond - v[0]; off < v[1] || off > v[2] {
		t.Errorf("the offset is 840ms, outside of %s", out)
	}

	out, err = exec.CommandContext(t.Context(), program, "127.0.0.1:1").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "127.0.0.1:1") {
		t.Errorf("where nobody is: %v, %q", err, out)
	}
}
