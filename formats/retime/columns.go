package retime

import (
	"fmt"
	"slices"
	"strings"
)

// unit ends the name of every column of absolute times that Pupil Cloud, Neon Player and pl-rec-export write.
const unit = "[ns]"

// known are the columns that hold times in whatever table they are. Source: the vendor's descriptions of the
// exports, and real ones.
var known = []string{
	"timestamp [ns]", "start timestamp [ns]", "end timestamp [ns]",
	"section start time [ns]", "section end time [ns]", "protots [ns]",
}

// Columns is what the header of a table says about times.
type Columns struct {
	Times   []int  // every column in ns, ascending
	Known   []bool // parallel: a name that always means an instant; others may be spans of time
	Other   []int  // columns whose names look like times in another unit, or of another program
	Retimed string // the first column that pialign has added; "" if none
}

// Find reads a header.
//
// A column is a time if its name ends in [ns]. Spaces around it and upper case do not matter. A table without such
// a column has nothing that pialign would have added.
func Find(header []string) Columns {
	var c Columns
	for i, raw := range header {
		name := strings.ToLower(strings.TrimSpace(raw))
		switch {
		case strings.HasSuffix(name, unit):
			c.Times = append(c.Times, i)
			c.Known = append(c.Known, slices.Contains(known, name))
		case otherUnit(name):
			c.Other = append(c.Other, i)
		}
	}
	if len(c.Times) == 0 {
		return c
	}
	for _, raw := range header {
		name := strings.ToLower(strings.TrimSpace(raw))
		if strings.HasPrefix(name, hostPrefix) || strings.HasPrefix(name, devicePrefix) {
			c.Retimed = raw
			break
		}
	}
	return c
}

// otherUnit recognises the times of other programs: seconds since some origin, dates, or ns written in another way.
func otherUnit(name string) bool {
	for _, end := range []string{"[s]", "[secs]", "[seconds]", "(ns)", "_ns", "timestamp", "timestamps", "datetime"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// Separated reports a table that is separated by something else than commas although it holds times in ns: a cell of
// its header is several names. Other names in it may have commas of their own.
func Separated(header []string) error {
	for _, name := range header {
		if strings.Contains(name, unit) && strings.ContainsAny(name, ";\t|") {
			return fmt.Errorf("%w: the header %q is not separated by commas (a spreadsheet program may have changed it; "+
				"take the file from the download again)", ErrTable, strings.Join(header, ","))
		}
	}
	return nil
}

// Index returns the column of that name, -1 if there is none. Two are ErrTable.
func Index(header []string, name string) (int, error) {
	at := -1
	for i, raw := range header {
		if strings.EqualFold(strings.TrimSpace(raw), name) {
			if at >= 0 {
				return -1, fmt.Errorf("%w: columns %d and %d are both %q", ErrTable, at+1, i+1, name)
			}
			at = i
		}
	}
	return at, nil
}
