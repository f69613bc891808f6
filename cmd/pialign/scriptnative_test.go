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
	info := ts.ReadFile(filepath.Join(args[0], "info.json"))
	ts.Check(makeNative(func(name, file string) []string { return columnIn(ts, name, filepath.Join(args[0], file)) }, info, ts.MkAbs(args[1])))
}

// makeNative makes the phone's own files of tables, of which column returns one.
func makeNative(column func(name, file string) []string, info, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	files := map[string][]byte{"info.json": []byte(info), "event.txt": []byte(strings.Join(column("name", "events.csv"), "\n") + "\n")}
	for name, table := range map[string]string{"gaze ps1.time": "gaze.csv", "event.time": "events.csv", "PI world v1 ps1.time_aux": "world_timestamps.csv"} {
		for _, cell := range column("timestamp [ns]", table) {
			at, err := strconv.ParseInt(cell, 10, 64)
			if err != nil {
				return err
			}
			files[name] = binary.LittleEndian.AppendUint64(files[name], uint64(at))
		}
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			return err
		}
	}
	return nil
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
