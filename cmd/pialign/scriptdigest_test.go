package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pialign/pialign/formats/retime"
)

// redigestCommand is `redigest FILE`: it gives a pialign.json that was edited the digest that goes with it.
func redigestCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: redigest FILE")
	}
	m, err := retime.ReadManifest(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := m.Marshal()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}
