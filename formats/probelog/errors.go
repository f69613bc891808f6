package probelog

import (
	"errors"
	"fmt"
)

// What a caller may branch on. Errors that wrap them name the file.
var (
	// ErrForeign: a file of something else.
	ErrForeign = errors.New("not a probe log")
	// ErrDamaged: it was a probe log, or should have been one.
	ErrDamaged = errors.New("damaged")
	// ErrVersion: written by a newer program.
	ErrVersion = errors.New("format version is newer than this program: use a newer pialign")
	// ErrEmpty: a journal of a program that ended before anything was measured.
	ErrEmpty = errors.New("journal ends before its first line: nothing was measured")
	// ErrConflict: different exchanges have the same session, device, phase and number.
	ErrConflict = errors.New("two logs number different exchanges alike")
	// ErrFull: more than a log can have.
	ErrFull = fmt.Errorf("log is full: %d rows or 1 GB are the most; begin another phase", maxRows)
	// ErrInUse: a program is still writing the journal.
	ErrInUse = errors.New("a running probe is still writing it")
	// ErrLines: lines of a journal cannot be read, and nobody said to do without them.
	ErrLines = errors.New("lines of it are damaged")
	// ErrClosed: the log was closed before.
	ErrClosed = errors.New("log is closed")
)

// errNoLock: the file system cannot tell whether somebody is writing a file.
var errNoLock = errors.New("this file system has no locks")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
}

func foreign(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrForeign, fmt.Errorf(format, args...))
}
