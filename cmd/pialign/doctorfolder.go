package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pialign/pialign/formats/probelog"
)

// lookInto looks at the folder of a session, which need not exist yet: then at the nearest one above that does.
func (c clinic) lookInto(session string) *folderFacts {
	f := &folderFacts{dir: session}
	dir, err := filepath.Abs(session)
	if err != nil {
		dir = session
	}
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			f.writeErr = &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("a file has the name of a folder that is needed")}
			return f
		}
		if err == nil || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	f.free, f.freeErr = c.free(dir)
	// Rights, read-only disks and quotas: only trying tells. The name is one that other verbs take no notice of.
	if t, err := os.CreateTemp(dir, ".pialign-doctor-*"); err != nil {
		f.writeErr = err
	} else {
		_, err = t.Write(make([]byte, 4096))
		f.writeErr = errors.Join(err, t.Close(), os.Remove(t.Name()))
	}
	journals, err := probelog.Journals(session)
	if err != nil {
		return f
	}
	for _, j := range journals {
		if !probelog.InUse(j) {
			f.unfinished++
		}
	}
	return f
}
