package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// zipCommand is `zip DIR FILE [PREFIX]`: it packs what is in DIR, as PREFIX and its name in there.
func zipCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: zip DIR FILE [PREFIX]")
	}
	prefix := strings.Join(args[2:], "")
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[1])), 0o777))
	f, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	defer f.Close()
	w := zip.NewWriter(f)
	dir := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		to, err := w.Create(prefix + filepath.ToSlash(name))
		if err != nil {
			return err
		}
		_, err = to.Write(b)
		return err
	}))
	ts.Check(w.Close())
}

// unzipCommand is `unzip FILE DIR`.
func unzipCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unzip FILE DIR")
	}
	r, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer r.Close()
	for _, e := range r.File {
		to := filepath.Join(ts.MkAbs(args[1]), filepath.FromSlash(e.Name))
		ts.Check(os.MkdirAll(filepath.Dir(to), 0o777))
		in, err := e.Open()
		ts.Check(err)
		b, err := io.ReadAll(in)
		ts.Check(err)
		ts.Check(os.WriteFile(to, b, 0o666))
	}
}
