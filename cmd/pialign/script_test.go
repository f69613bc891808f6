package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pialign/pialign/probe"
)

// TestMain lets scripts run pialign as a program of its own: the test binary under another name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"pialign": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			s := stdio{os.Stdin, os.Stdout, os.Stderr}
			code := execute(ctx, newApp(s, foundInEnv(os.Getenv("FOUND"))), os.Args[1:], s)
			stop()
			os.Exit(code)
		},
	})
}

// TestScripts runs testdata/script. Beside testscript's own commands there are: phone, starting a fake phone;
// triples, recording, native, zip and journal, making files; cut and edit, spoiling them; glob, unzip, columns and stamps, looking at them; and status, which runs a
// program and checks its exit code.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"phone": phoneCommand, "triples": triplesCommand, "recording": recordingCommand, "status": statusCommand,
			"cut": cutCommand, "lose": loseCommand, "edit": editCommand, "glob": globCommand, "columns": columnsCommand,
			"merge": mergeCommand, "native": nativeCommand, "stamps": stampsCommand,
			"journal": journalCommand, "redigest": redigestCommand, "zip": zipCommand, "unzip": unzipCommand,
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "permissions": // whether those of files bind us
				return runtime.GOOS != "windows" && os.Geteuid() != 0, nil
			case "race": // whether everything takes ten times as long
				return raceDetector, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

// statusCommand is `status N program args...`: the program must exit with N. Its output is there for stdout and
// stderr.
func statusCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// foundInEnv is a finder that knows the phones in a variable of the environment, NAME=ID=ADDRESS;..., and leaves
// the network's multicast alone.
type foundInEnv string

func (f foundInEnv) discover(context.Context, time.Duration) ([]probe.Found, error) {
	var out []probe.Found
	for part := range strings.SplitSeq(string(f), ";") {
		if v := strings.Split(part, "="); len(v) == 3 {
			out = append(out, probe.Found{Name: v[0], ID: v[1], Addrs: []string{v[2]}})
		}
	}
	return out, nil
}

// scan knows those in $SCANNED.
func (f foundInEnv) scan(ctx context.Context) ([]probe.Found, []netip.Prefix, error) {
	found, err := foundInEnv(os.Getenv("SCANNED")).discover(ctx, 0)
	return found, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/24")}, err
}

func (f foundInEnv) resolve(ctx context.Context, spec string, timeout time.Duration) ([]probe.Found, error) {
	all, _ := f.discover(ctx, timeout)
	var out []probe.Found
	for _, p := range all {
		if p.Name == spec || p.ID == spec {
			out = append(out, p)
		}
	}
	if _, _, err := net.SplitHostPort(spec); len(out) > 0 || err != nil || strings.Contains(spec, ",") {
		return out, nil // anything but an address would be looked for by multicast
	}
	return probe.Resolve(ctx, spec, timeout)
}
