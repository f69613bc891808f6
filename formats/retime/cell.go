package retime

import (
	"fmt"

	"github.com/pialign/pialign/align"
)

// Cell is one time cell of a table, and the answer of Table.Map to it.
type Cell struct {
	Row    int // the header is row 1
	Column int // index into Plan.Times
	At     align.DeviceTime
	Key    []byte   // what the row's Plan.Key cell says; valid during the call only
	Texts  [][]byte // what the Plan.Texts cells say; likewise

	Host  int64 // the answer: the new time, unless one of the next two
	Blank bool  // leave the new cell empty
	Kept  bool  // the cell is on the host's clock already: leave it as it is
}

// CellError is about one cell or, without a Column, one row of a table.
type CellError struct {
	File   string
	Row    int // the header is row 1
	Column string
	Err    error
}

func (e *CellError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("%s: row %d: %v", e.File, e.Row, e.Err)
	}
	return fmt.Sprintf("%s: row %d, column %s: %v", e.File, e.Row, e.Column, e.Err)
}

func (e *CellError) Unwrap() error { return e.Err }

// notATime says what is wrong with the text of a time cell.
func notATime(text []byte) error {
	const most = 40 // enough to recognise the cell
	if len(text) > most {
		text = append(text[:most:most], "..."...)
	}
	return fmt.Errorf("%q is %w: expected an integer as 1685088812484000000 (a spreadsheet program may have changed it; "+
		"take the file from the download again)", text, ErrCell)
}
