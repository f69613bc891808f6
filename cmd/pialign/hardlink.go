package main

import (
	"errors"
	"fmt"
	"os"
)

// noLink says for people why a file could not become a hard link.
func noLink(err error) error {
	var link *os.LinkError
	switch {
	case errors.Is(err, errOtherDisk):
		return errors.New("the result is on another disk than the original")
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// warnLinked tells what people must know who work on with links.
func (run *applyRun) warnLinked() {
	linked := 0
	for _, r := range run.results {
		if r != nil {
			linked += r.Linked
		}
	}
	if linked > 0 {
		fmt.Fprintf(run.s.err, "pialign: warning: %s linked, not copied: original and result are one file with two names. What edits one edits the other; "+
			"removing one leaves the other\n", counted(linked, "file"))
	}
}
