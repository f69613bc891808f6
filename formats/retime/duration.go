package retime

import (
	"fmt"
	"slices"
	"strings"
)

// The columns of a length of time and of the two times that it lies between. Source: the vendor's descriptions of fixations, blinks and saccades.
const (
	durationName = "duration [ms]"
	startName    = "start timestamp [ns]"
	endName      = "end timestamp [ns]"
)

// Duration is a column of a table that holds how long it is from one time of the row to another, in ms.
type Duration struct {
	Column, Start, End int // of the table

	rules  []rounding // that all rows so far agree with; nil: no row has been seen
	digits int        // behind the point: the most that a cell has
}

// FindDuration returns the column of the durations of a table, nil if it has none. alone is the name of one that says how long something
// was beside no times of its own, "" if there is none.
func FindDuration(header []string) (d *Duration, alone string, err error) {
	at := [3]int{}
	for i, name := range []string{durationName, startName, endName} {
		if at[i], err = Index(header, name); err != nil {
			return nil, "", err
		}
	}
	if at[0] >= 0 && at[1] >= 0 && at[2] >= 0 {
		return &Duration{Column: at[0], Start: at[1], End: at[2]}, "", nil
	}
	for _, name := range header {
		if strings.HasSuffix(strings.ToLower(strings.TrimSpace(name)), durationName) {
			return nil, name, nil
		}
	}
	return nil, "", nil
}

// errNoLength: a duration beside an empty time, or between two that are centuries apart.
var errNoLength = fmt.Errorf("%w: start or end of the row is missing, or no time", ErrDuration)

// msUnit is one ms in ns, the unit of durations.
const msUnit = 1_000_000

// rounding makes of a length of time what a table says of it: a multiple of step ns, the nearest (of two the even one) or the one below.
type rounding struct {
	step int64
	down bool
}

// roundings are those by which durations may have been made: whole ms are tried first, as Pupil Cloud and pl-rec-export write them, then fewer
// digits before more, as Neon Player does. A download has one for each of its tables; which one hangs on its year.
func roundings() (all []rounding) {
	for step := int64(msUnit); step >= 1; step /= 10 {
		all = append(all, rounding{step, false}, rounding{step, true})
	}
	return all
}

func (r rounding) of(length int64) int64 {
	q, rest := length/r.step, length%r.step
	if rest < 0 {
		q, rest = q-1, rest+r.step
	}
	if !r.down && (2*rest > r.step || 2*rest == r.step && q%2 != 0) {
		q++
	}
	return q * r.step
}

// judge takes the row into account that says text of a length of time.
func (d *Duration) judge(text []byte, length int64) error {
	v, err := ParseDecimal(text, msUnit)
	if err != nil {
		return err
	}
	if d.rules == nil {
		d.rules = roundings()
	}
	left := slices.DeleteFunc(slices.Clone(d.rules), func(r rounding) bool { return r.of(length) != v.Ns || v.rest != "" && hasDigits(v.rest) })
	if len(left) == 0 {
		exact := Decimal{}.Append(nil, length, msUnit, 0, 6)
		return fmt.Errorf("%w: %.40s ms, but from start to end of the row it is %s ms, which is neither that rounded nor that cut off, as in the rows before", ErrDuration, text, exact)
	}
	d.rules, d.digits = left, max(d.digits, v.Places)
	return nil
}

// write appends what becomes of text where the length of time was and is now so long.
func (d *Duration) write(dst, text []byte, was, now int64) ([]byte, error) {
	v, err := ParseDecimal(text, msUnit)
	if err != nil {
		return dst, err
	}
	if len(d.rules) == 0 || d.rules[0].of(was) != v.Ns {
		return dst, fmt.Errorf("%w: its rows are not what they were", ErrChanged)
	}
	next := d.rules[0].of(now)
	if next == v.Ns {
		return append(dst, text...), nil
	}
	return v.Append(dst, next, msUnit, v.Places, max(v.Places, d.digits)), nil
}
