package main

import (
	"context"
	"flag"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// phoneCommand is `phone [flags]`: it starts a fake phone for the rest of the script and puts its address into
// $PHONE, or the variable that -env names.
func phoneCommand(ts *testscript.TestScript, neg bool, args []string) {
	f := flag.NewFlagSet("phone", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	env := f.String("env", "PHONE", "variable for the address")
	id := f.String("id", "fa4e000000000001", "device id")
	name := f.String("name", "", "phone name")
	family := f.String("family", "", "invisible or neon")
	offset := f.Duration("offset", 840*time.Millisecond, "host - device")
	fault := f.String("fault", "", "KIND, KIND@N or KIND@N-M: what goes wrong, with which events")
	vanish := f.Int("vanish", -1, "be gone from this event on")
	noEcho := f.Bool("no-echo", false, "no Time Echo")
	closing := f.Bool("close-after-answer", false, "one request a connection")
	refuse := f.String("refuse", "", "why it refuses to record")
	glasses := f.String("glasses", "", "absent or null")
	if err := f.Parse(args); err != nil || neg {
		ts.Fatalf("usage: phone [flags]: %v", err)
	}
	kind, from, to := parseFault(ts, *fault)
	clock := probe.SystemClock()
	now := func() align.HostTime { h, _ := clock.Stamp(); return h }
	started := make(chan *fakephone.Phone, 1)
	var gone sync.Once
	cfg := fakephone.Config{
		Time: fakephone.RealTime(now), DeviceID: *id, Name: *name, Family: fakephone.Family(*family),
		Clock:  scenario.Clock{Origin: now(), Offset: *offset},
		NoEcho: *noEcho, CloseAfterAnswer: *closing, Hardware: fakephone.Hardware(*glasses), Refusal: fakephone.Refusal(*refuse),
		Fault: func(n int) fakephone.Fault {
			if *vanish >= 0 && n >= *vanish {
				gone.Do(func() { go func() { (<-started).Close() }() }) // not from within a request, which Close waits for
				return fakephone.Fault{Kind: fakephone.Reset}
			}
			if kind != "" && n >= from && n <= to {
				return fakephone.Fault{Kind: kind, After: 4 * time.Second} // after every time-out
			}
			return fakephone.Fault{}
		},
	}
	p, err := fakephone.Start(context.Background(), cfg, "")
	ts.Check(err)
	started <- p
	ts.Defer(func() { _ = p.Close() })
	ts.Setenv(*env, p.Addr())
}

func parseFault(ts *testscript.TestScript, s string) (kind fakephone.FaultKind, from, to int) {
	name, span, some := strings.Cut(s, "@")
	if !some {
		return fakephone.FaultKind(name), 0, 1 << 30
	}
	a, b, isSpan := strings.Cut(span, "-")
	from, err := strconv.Atoi(a)
	ts.Check(err)
	to = from
	if isSpan {
		to, err = strconv.Atoi(b)
		ts.Check(err)
	}
	return fakephone.FaultKind(name), from, to
}
