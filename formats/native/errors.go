package native

import (
	"errors"
	"fmt"
)

// Errors that a caller may branch on.
var (
	// ErrMixed: tables with times lie among the phone's files.
	ErrMixed = errors.New("tables lie among the files of the phone")
	// ErrBinary: what was asked for needs columns.
	ErrBinary = errors.New("the phone's own files are binary and have no columns")
	// ErrCutOff: a file ends within a record.
	ErrCutOff = errors.New("cut off")
	// ErrPacket: not a packet of the IMU as the phone writes it.
	ErrPacket = errors.New("malformed packet")
	// ErrManifest: manifest.json or its checksum is not as the phone writes it, or not of these files.
	ErrManifest = errors.New("does not match manifest.json")
)

// StampError is about one stamp of a file.
type StampError struct {
	File   string
	Record int   // from 1; stamp, record or packet
	Byte   int64 // where it begins in the file
	Field  string
	Err    error
}

func (e *StampError) Error() string {
	field := ""
	if e.Field != "" {
		field = ", " + e.Field
	}
	return fmt.Sprintf("%s: record %d (byte %d)%s: %v", e.File, e.Record, e.Byte, field, e.Err)
}

func (e *StampError) Unwrap() error { return e.Err }
