package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/probelog"
)

// fitTargets returns where the alignment of a device goes. Nothing is written yet, so what makes no sense is
// refused here.
func fitTargets(o fitOptions, devices int) (func(id string) string, error) {
	if o.output != "" {
		if devices > 1 {
			return nil, withHint(usageError("-o with %d devices: one file holds one alignment", devices), "choose one with --device ID, or leave -o out")
		}
		return func(string) string { return o.output }, nil
	}
	session := ""
	for _, p := range o.paths {
		dir := folderOf(p)
		if session != "" && !samePath(session, dir) {
			return nil, withHint(usageError("logs of several folders (%s, %s), and nothing says where the alignment goes", session, dir), "name the file: -o FILE")
		}
		session = dir
	}
	return func(id string) string {
		return filepath.Join(session, "alignment", probelog.Escape(deviceName(id))+".json")
	}, nil
}

// checkOutput refuses, before anything is read, an output that names, through whatever links, an input, or a log that lies beside one: also
// those that were not read, such as the logs of the host's clocks and the journal of a probe that runs now.
func checkOutput(output string, inputs []string) error {
	if output == "" || output == "-" {
		return nil
	}
	switch i, err := os.Stat(output); {
	case err != nil:
		return nil // nothing to lose; whether it can be made is seen when it is
	case i.IsDir():
		return usageError("-o %s: is a folder, want a file", output)
	}
	for _, p := range inputs {
		if samePath(p, output) {
			return usageError("-o %s: that is an input", output)
		}
		dir := folderOf(p)
		entries, _ := os.ReadDir(dir) // a folder that cannot be read is an error of reading the session
		for _, e := range entries {
			ext := strings.ToLower(filepath.Ext(e.Name()))
			if slices.Contains(logExtensions, ext) && samePath(filepath.Join(dir, e.Name()), output) {
				return withHint(usageError("-o %s: that is the log %s, and logs are never written over", output, e.Name()), "give another name")
			}
		}
	}
	return nil
}

var logExtensions = []string{".parquet", ".journal"}

// replaceable reports why a file at path may not be replaced by an alignment: it holds anything but one, or a better one than a recipe's.
func replaceable(path, recipe string) error {
	if i, err := os.Stat(path); err != nil || !i.Mode().IsRegular() {
		return nil // nothing is there, or a pipe
	}
	old, err := alignfile.Read(path)
	switch {
	case err == nil && recipe != "" && recipeOf(old.Alignment) == "":
		return withHint(fmt.Errorf("not replaced: %s was fitted without --method, and %s is a recipe to compare with", path, recipe), "give the recipe's a name of its own: -o FILE")
	case err == nil:
		return nil
	case errors.Is(err, alignfile.ErrVersion):
		return withHint(fmt.Errorf("not replaced: %w", err), "remove it, or give another name: -o FILE")
	}
	return withHint(fmt.Errorf("fit replaces alignments alone: %w", err), "give another name: -o FILE")
}

// folderOf returns path if it is a folder, else the folder that it is in.
func folderOf(path string) string {
	if i, err := os.Stat(path); err == nil && i.IsDir() {
		return path
	}
	return filepath.Dir(path)
}

// samePath reports whether a and b name one file or folder.
func samePath(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}
