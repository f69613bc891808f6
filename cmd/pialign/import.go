package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/probelog"
)

func importCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:  "import",
		Usage: "make probe logs or alignments of other programs' measurements",
		Description: "Examples:\n" +
			"pialign import triples log.csv --session p01 --device-id fa4e000000000001\n" +
			"pialign import lsl-relay time_alignment_parameters.json --session relay --device-id fa4e000000000001",
		Subcommands: []*cli.Command{importTriplesCommand(s), importLSLRelayCommand(s)},
	}
}

func importTriplesCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "triples",
		Usage:     "CSV with a row for each exchange",
		ArgsUsage: "FILE...",
		Description: "The header names the columns, in any order and among others: ts_A_ns,ts_E_ns,ts_B_ns,phase and, where there are\n" +
			"monotonic readings, mono_A_ns,mono_B_ns. A is when the computer sent, E what the phone stamped, B when the\n" +
			"computer heard, all in whole ns; an answer before its question is refused. A phase is a name of\n" +
			"up to 60 bytes. One file counts as one computer between two restarts: put start and end of a session into one.\n" +
			"Writes a probe log for each phase and prints their paths. Without --device-id nothing can confirm later that a recording is this phone's.\n\n" +
			"Examples:\n" +
			"pialign import triples log.csv --session p01 --device-id fa4e000000000001",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "session", Usage: "the folder `DIR` for the logs; made if missing"},
			&cli.StringFlag{Name: "device-id", Usage: "the phone's hardware `ID`, as android_device_id in info.json"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return withHint(usageError("pialign import triples: a file is missing"), "pialign import triples --help shows an example")
			}
			if err := needFlag(c, "session"); err != nil {
				return err
			}
			return importTriples(s, c.Args().Slice(), c.String("session"), c.String("device-id"))
		},
	}
}

// importTriples makes probe logs of files. It reads all of them before it writes any, and takes back what it wrote
// if it cannot write the rest.
func importTriples(s stdio, files []string, session, device string) (err error) {
	abs, err := filepath.Abs(session)
	if err != nil {
		return err
	}
	var logs []importedLog
	for _, f := range files {
		read, err := readTriplesFile(f, filepath.Base(abs), device, files)
		if err != nil {
			return err
		}
		logs = append(logs, read...)
	}
	if err := placeLogs(session, logs); err != nil {
		return err
	}
	var written []string
	defer func() {
		if err != nil {
			for _, path := range written {
				_ = os.Remove(path)
			}
		}
	}()
	for _, l := range logs {
		if err := probelog.Write(l.path, l.header, l.rows); err != nil {
			return unwritable(l.path, err, "choose another --session, in a folder that can be written to")
		}
		written = append(written, l.path)
	}
	for _, l := range logs {
		fmt.Fprintln(s.out, l.path)
	}
	if device == "" {
		fmt.Fprintln(s.err, "pialign: warning: no --device-id: nothing will confirm that a recording is this phone's")
	}
	return nil
}

// importedLog is one phase of one file.
type importedLog struct {
	from   string
	path   string
	header probelog.Header
	rows   []probelog.Row
}

// importProtocol is what the log says in place of a protocol: how the exchanges were made is not known.
const importProtocol = "triples"

func readTriplesFile(path, session, device string, files []string) ([]importedLog, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, absent(fmt.Errorf("importing triples: %w", err), path, files)
	}
	defer f.Close()
	triples, err := readTriples(f, path)
	if err != nil {
		return nil, err
	}
	// The digest tells one file's clocks from another's: nothing says that two files are of one computer.
	sum, err := digest.File(path, false)
	if err != nil {
		return nil, fmt.Errorf("importing triples: %w", err)
	}
	host := "imported " + filepath.Base(path) + " " + sum
	var logs []importedLog
	index := make(map[string]int)
	for _, t := range triples {
		i, ok := index[t.Phase]
		if !ok {
			i = len(logs)
			index[t.Phase] = i
			logs = append(logs, importedLog{from: path, header: probelog.Header{Session: session, DeviceID: device, Phase: t.Phase,
				Program: program, Host: host, Boot: sum, WallClock: "unknown", MonoClock: "unknown", Discipline: "unknown",
				Schedule: "imported from " + filepath.Base(path), Started: t.A}})
		}
		l := &logs[i]
		t.Protocol, t.Seq = importProtocol, int64(len(l.rows))
		l.rows = append(l.rows, probelog.Row{Sample: t, Status: probelog.StatusOK})
		l.header.Started = min(l.header.Started, t.A)
	}
	return logs, nil
}

// existsAlready says that l.path is there. It may go if it was imported, and is somebody's measurement otherwise.
func existsAlready(l *importedLog) error {
	err := fmt.Errorf("importing %s: %s exists already", l.from, l.path)
	old, bad := probelog.Read(l.path)
	if bad != nil || len(old.Rows) == 0 || slices.ContainsFunc(old.Rows, func(r probelog.Row) bool { return r.Protocol != importProtocol }) {
		return withHint(err, "choose another --session")
	}
	return withHint(err, "it was imported before; remove that file to do it again")
}

// placeLogs gives each log its path and its numbers, after those that the session has already.
func placeLogs(session string, logs []importedLog) error {
	next := make(map[string]int64) // by phase
	taken := make(map[string]string)
	for i := range logs {
		l := &logs[i]
		l.path = filepath.Join(session, probelog.FileName(l.header)+".parquet")
		if other, ok := taken[l.path]; ok {
			return fmt.Errorf("importing triples: %s and %s both hold phase %q from the same instant on: are they one?", other, l.from, l.header.Phase)
		}
		taken[l.path] = l.from
		if _, err := os.Lstat(l.path); !errors.Is(err, fs.ErrNotExist) {
			if err == nil {
				err = existsAlready(l)
			}
			return err
		}
		phase := l.header.Phase
		if _, ok := next[phase]; !ok {
			n, err := probelog.NextSeq(session, l.header.Session, l.header.DeviceID, phase)
			if err != nil {
				return err
			}
			next[phase] = n
		}
		for j := range l.rows {
			l.rows[j].Seq += next[phase]
		}
		next[phase] += int64(len(l.rows))
	}
	return nil
}
