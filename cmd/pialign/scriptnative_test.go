package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// nativeCommand is `native TABLES DIR`: it makes the phone's own files of a recording whose tables are in TABLES.
func nativeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: native TABLES DIR")
	}
	tables, dir := args[0], ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(dir, 0o777))
	for name, table := range map[string]string{"gaze ps1.time": "gaze.csv", "event.time": "events.csv", "PI world v1 ps1.time_aux": "world_timestamps.csv"} {
		var b []byte
		for _, cell := range columnIn(ts, "timestamp [ns]", filepath.Join(tables, table)) {
			at, err := strconv.ParseInt(cell, 10, 64)
			ts.Check(err)
			b = binary.LittleEndian.AppendUint64(b, uint64(at))
		}
		ts.Check(os.WriteFile(filepath.Join(dir, name), b, 0o666))
	}
	names := strings.Join(columnIn(ts, "name", filepath.Join(tables, "events.csv")), "\n") + "\n"
	ts.Check(os.WriteFile(filepath.Join(dir, "event.txt"), []byte(names), 0o666))
	ts.Check(os.WriteFile(filepath.Join(dir, "info.json"), []byte(ts.ReadFile(filepath.Join(tables, "info.json"))), 0o666))
}

// stampsCommand is `stamps FILE CSV`: it writes an array of stamps as a table.
func stampsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: stamps FILE CSV")
	}
	text := "timestamp [ns]\n"
	for b := []byte(ts.ReadFile(args[0])); len(b) >= 8; b = b[8:] {
		text += fmt.Sprintln(int64(binary.LittleEndian.Uint64(b)))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o666))
}
