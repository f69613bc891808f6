// Command apply-folder fits the logs of a session and re-times one recording, with the packages that pialign is
// made of.
//
//	go run ./examples/apply-folder SESSION RECORDING OUT
//
// `pialign apply` does the same, and says more about it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: apply-folder SESSION RECORDING OUT")
		os.Exit(2)
	}
	if err := applyFolder(context.Background(), os.Stdout, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "apply-folder:", err)
		os.Exit(1)
	}
}

const program = "apply-folder example"

func applyFolder(ctx context.Context, out io.Writer, session, recording, dir string) error {
	clocks, err := fitSession(session)
	if err != nil {
		return err
	}
	rec, err := formats.Open(recording)
	if err != nil {
		return err
	}
	// A recording goes through the clock of its own phone, or through none.
	choose := func(deviceID, _ string) (retime.Clock, error) {
		c, ok := clocks[deviceID]
		if !ok {
			return retime.Clock{}, fmt.Errorf("the session did not measure device %q", deviceID)
		}
		return c, nil
	}
	report, err := rec.Retime(ctx, filepath.Join(dir, rec.Name()), choose, retime.Options{Program: program})
	if err != nil {
		return err
	}
	for _, f := range report.Files {
		fmt.Fprintf(out, "%s: %s\n", f.Name, f.Action)
	}
	return nil
}

// fitSession returns the clock of each phone that the session measured.
func fitSession(path string) (map[string]retime.Clock, error) {
	s, err := probelog.ReadSession(path)
	if err != nil {
		return nil, err
	}
	clocks := make(map[string]retime.Clock)
	for _, d := range s.Devices() {
		a, err := align.Fit(d.Samples(), d.Options())
		if err != nil {
			return nil, fmt.Errorf("device %s: %w", d.ID, err)
		}
		// The digest of the alignment goes into the result's pialign.json, so that it can be told later.
		b, err := alignfile.Marshal(&alignfile.File{Device: alignfile.Device{ID: d.ID, Name: d.Name}, Program: program,
			RecordingIDs: d.RecordingIDs(), Alignment: a})
		if err != nil {
			return nil, err
		}
		clocks[d.ID] = retime.Clock{DeviceID: d.ID, Digest: digest.Bytes(b, false),
			New: func() align.Retimer { return a.Wall.Retimer(align.AmbiguousRefused) }}
	}
	return clocks, nil
}
