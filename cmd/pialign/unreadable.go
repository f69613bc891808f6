package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/pialign/pialign/formats"
)

// unreadable adds to an error about an input what to try, where nothing better was said.
func unreadable(err error) error {
	if err == nil || hintOf(err) != "" {
		return err
	}
	var at *fs.PathError
	switch {
	case errors.Is(err, formats.ErrZip) && !strings.Contains(err.Error(), "; "):
		return withHint(err, "Pupil Cloud and the phone make no such zip: take it from there again, and do not unpack this one")
	case !errors.As(err, &at):
	case errors.Is(err, fs.ErrNotExist) && isLink(at.Path):
		return withHint(err, "get the file that the link stands for: datalad get %s, or git annex get %s", quoted(at.Path), quoted(at.Path))
	case errors.Is(err, fs.ErrPermission):
		return withHint(err, "its owner can let you read it: chmod -R u+rX,go+rX %s; or take a copy of your own", quoted(at.Path))
	}
	return err
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
