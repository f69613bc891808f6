package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
)

// journalCommand is `journal [flags] DIR`: it puts a journal into DIR as a crash leaves it behind, or with -running one
// that is being written until the script ends.
func journalCommand(ts *testscript.TestScript, neg bool, args []string) {
	f := flag.NewFlagSet("journal", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	phase := f.String("phase", "start", "its phase")
	n := f.Int("n", 20, "exchanges")
	running := f.Bool("running", false, "still being written")
	clocks := f.Bool("clocks", false, "of the host's clocks")
	if err := f.Parse(args); err != nil || neg || f.NArg() != 1 {
		ts.Fatalf("usage: journal [flags] DIR: %v", err)
	}
	dir := ts.MkAbs(f.Arg(0))
	made := dir
	if !*running {
		made = ts.MkAbs(".journal-in-the-making")
		defer os.RemoveAll(made)
	}
	h := probelog.Header{Session: filepath.Base(dir), DeviceID: "fa4e000000000001", Phase: *phase, Program: program, Started: scriptStart}
	var finish func() (string, error)
	if *clocks {
		log, err := probelog.CreateClockLog(made, h)
		ts.Check(err)
		for i := range *n {
			ts.Check(log.Append(scriptStart.Add(time.Duration(i)*time.Second), align.MonoTime(i+1), 0))
		}
		finish = log.Close
	} else {
		log, err := probelog.Create(made, h)
		ts.Check(err)
		for i := range *n {
			a := scriptStart.Add(time.Duration(i) * 50 * time.Millisecond)
			ts.Check(log.Append(probelog.Row{Status: probelog.StatusOK, Sample: align.Sample{
				A: a, E: scriptClock.Device(a.Add(2 * time.Millisecond)), B: a.Add(4 * time.Millisecond), Protocol: "event", Seq: int64(i)}}))
		}
		finish = log.Close
	}
	if *running {
		ts.Defer(func() { _, _ = finish() })
		return
	}
	journals, err := probelog.Journals(made)
	ts.Check(err)
	ts.Check(os.MkdirAll(dir, 0o777))
	for _, j := range journals {
		b, err := os.ReadFile(j)
		ts.Check(err)
		name := strings.TrimSuffix(filepath.Base(j), ".journal")
		ts.Check(os.WriteFile(filepath.Join(dir, name+".journal"), b, 0o666))
		ts.Setenv("JOURNAL", filepath.ToSlash(filepath.Join(f.Arg(0), name)))
	}
	_, err = finish()
	ts.Check(err)
}
