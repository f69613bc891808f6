package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// mergeCommand is `merge DIR... TO`: an enrichment of recordings, the rows of all in each table.
func mergeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: merge DIR... TO")
	}
	to := args[len(args)-1]
	ts.Check(os.MkdirAll(ts.MkAbs(to), 0o777))
	tables, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*.csv"))
	ts.Check(err)
	for _, table := range tables {
		name := filepath.Base(table)
		var b strings.Builder
		for i, dir := range args[:len(args)-1] {
			header, rows, _ := strings.Cut(ts.ReadFile(filepath.Join(dir, name)), "\n")
			if i == 0 {
				b.WriteString(header + "\n")
			}
			b.WriteString(rows)
		}
		ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(to), name), []byte(b.String()), 0o666))
	}
}
