package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// tempNames finds what wholefile calls a file or folder until it is complete.
var tempNames = regexp.MustCompile(`\.pialign-[0-9A-Z]+`)

// hidden is an error in other words.
type hidden struct {
	error
	text string
}

func (e hidden) Error() string { return e.text }
func (e hidden) Unwrap() error { return e.error }

// inPlace returns err with the name built replaced by that of the place for which it is built.
func inPlace(err error, built, dst string) error {
	if text := err.Error(); strings.Contains(text, built) {
		return hidden{err, strings.ReplaceAll(text, built, dst)}
	}
	return err
}

// unwritable returns an error of writing path in words that name path and not what it is called until it is complete. Where the
// place cannot be written to, hint says what to try.
func unwritable(path string, err error, hint string) error {
	if err == nil {
		return nil
	}
	if text := err.Error(); tempNames.MatchString(text) {
		err = hidden{err, tempNames.ReplaceAllLiteralString(text, filepath.Base(path))}
	}
	if hintOf(err) == "" && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		return withHint(err, "%s", hint)
	}
	return err
}
