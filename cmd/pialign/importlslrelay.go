package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/lslrelay"
	"github.com/pialign/pialign/formats/probelog"
)

func importLSLRelayCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "lsl-relay",
		Usage:     "time_alignment_parameters.json of Pupil Labs' lsl-relay",
		ArgsUsage: "FILE...",
		Description: "Makes an alignment of the line from the phone's clock to LSL's, exactly as its decimal digits say, and prints its\n" +
			"path: SESSION/alignment/<device id>.json or, without --device-id, alignment/lsl-relay_<folder of FILE>.json (its _ and the like as %5F). Use it with\n" +
			"apply --alignment and --clock lsl. It has no interval and no bound, and apply warns of that.\n\n" +
			"Examples:\n" +
			"pialign import lsl-relay time_alignment_parameters.json --session relay --device-id fa4e000000000001\n" +
			"pialign apply --alignment p01/alignment/fa4e000000000001.json --clock lsl 2026-11-24_10-00-00-1a2b3c4d --out aligned",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "session", Usage: "the folder `DIR` for the alignments; made if missing"},
			&cli.StringFlag{Name: "device-id", Usage: "the phone's hardware `ID`, as android_device_id in info.json; one FILE only"},
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.NArg() == 0:
				return withHint(usageError("pialign import lsl-relay: a file is missing"), "pialign import lsl-relay --help shows an example")
			case c.NArg() > 1 && c.String("device-id") != "":
				return withHint(usageError("--device-id with %d files: they would be of one phone and one run", c.NArg()), "give them one by one")
			}
			if err := needFlag(c, "session"); err != nil {
				return err
			}
			return importLSLRelay(s, c.Args().Slice(), c.String("session"), c.String("device-id"))
		},
	}
}

// importLSLRelay makes an alignment of each file. It reads all of them before it writes any, and takes back what it wrote if it
// cannot write the rest.
func importLSLRelay(s stdio, files []string, session, device string) (err error) {
	type work struct {
		path string
		file *alignfile.File
	}
	var all []work
	from := make(map[string]string)
	for _, f := range files {
		path, file, err := readLSLRelay(f, session, device)
		if err != nil {
			return absent(fmt.Errorf("importing lsl-relay's parameters: %w", err), f, files)
		}
		if other, ok := from[path]; ok {
			return withHint(fmt.Errorf("%s and %s would both become %s", other, f, path), "give them one by one, each with --device-id or another --session")
		}
		from[path] = f
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return withHint(fmt.Errorf("importing %s: %s exists already", f, path), "choose another --session, or remove that file if it was imported before")
		}
		all = append(all, work{path, file})
	}
	var written []string
	defer func() {
		if err != nil {
			for _, path := range written {
				_ = os.Remove(path)
			}
		}
	}()
	for _, w := range all {
		if err := alignfile.Write(w.path, w.file); err != nil {
			return unwritable(w.path, err, "choose another --session, in a folder that can be written to")
		}
		written = append(written, w.path)
	}
	for _, path := range written {
		fmt.Fprintln(s.out, path)
	}
	fmt.Fprintln(s.err, "pialign: warning: lsl-relay's line has no interval and no bound, and does not say when it was fitted: nothing tells how far a time can be off; compare the lsl.time_sync events of events.csv, re-timed, with those in the XDF")
	if device == "" {
		fmt.Fprintln(s.err, "pialign: warning: no --device-id: nothing will confirm that a recording is this phone's")
	}
	return nil
}

// readLSLRelay reads one file and says where its alignment goes.
func readLSLRelay(path, session, device string) (string, *alignfile.File, error) {
	p, err := lslrelay.Read(path)
	if err != nil {
		return "", nil, err
	}
	a, err := p.Alignment()
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	sum, err := digest.File(path, false)
	if err != nil {
		return "", nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", nil, err
	}
	name := probelog.Escape(device)
	if device == "" {
		name = "lsl-relay_" + probelog.Escape(filepath.Base(filepath.Dir(abs)))
	}
	file := &alignfile.File{Device: alignfile.Device{ID: device}, Program: program, Alignment: a,
		Logs: []alignfile.LogRef{{Name: filepath.Base(abs), Digest: sum}}}
	return filepath.Join(session, "alignment", name+".json"), file, nil
}
