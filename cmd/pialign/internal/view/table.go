package view

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// column is one column of the table. Wide tables have all, narrow ones those that matter most.
type column struct {
	title string
	width int
	grow  int // how much wider it may become
	text  bool
	cell  func(st Style, s *State, i, width int) string
}

// columns are in the order in which they are shown.
var columns = []column{
	lightColumn: {"", columnsOfLight, 0, true, func(_ Style, s *State, i, _ int) string { return s.Light(i).String() }},
	nameColumn:  {"phone", 12, 16, true, func(st Style, s *State, i, width int) string { return st.name(&s.Phones[i], width) }},
	idColumn:    {"id", 16, 0, true, func(st Style, s *State, i, _ int) string { return st.clean(s.Phones[i].ID) }},
	addrColumn:  {"address", 21, 0, true, func(st Style, s *State, i, _ int) string { return st.clean(s.Phones[i].Addr) }},
	doneColumn:  {"done", 4, 0, false, func(_ Style, s *State, i, _ int) string { return done(&s.Phones[i]) }},
	offsetColumn: {"offset ms", 9, 0, false, func(_ Style, s *State, i, _ int) string {
		p := &s.Phones[i]
		return known(p.Bounded, func() string { return signed(p.Offset) })
	}},
	boundColumn: {"bound", 6, 0, false, func(st Style, s *State, i, _ int) string {
		p := &s.Phones[i]
		return known(p.Bounded, func() string { return st.plusMinus() + short(p.Bound) })
	}},
	driftColumn: {"drift ppm", 9, 0, false, func(st Style, s *State, i, width int) string {
		p := &s.Phones[i]
		return known(p.Drifts, func() string { return st.drift(p.DriftE18, p.DriftHalf, width) })
	}},
	rttColumn: {"rtt ms", 6, 0, false, func(_ Style, s *State, i, _ int) string {
		p := &s.Phones[i]
		return known(p.Median > 0, func() string { return short(p.Median) })
	}},
	bestColumn: {"best", 5, 0, false, func(_ Style, s *State, i, _ int) string {
		p := &s.Phones[i]
		return known(p.Best > 0, func() string { return short(p.Best) })
	}},
	sparkColumn: {"trend", 6, 42, true, func(st Style, s *State, i, width int) string {
		return st.spark(s.Phones[i].Recent, s.Phones[i].Best, width)
	}},
	lostColumn: {"lost", 4, 0, false, func(_ Style, s *State, i, _ int) string { return many(s.Phones[i].Lost) }},
	batteryColumn: {"batt", 4, 0, false, func(_ Style, s *State, i, _ int) string {
		p := &s.Phones[i]
		return known(p.StatusKnown && p.Battery >= 0, func() string { return strconv.Itoa(p.Battery) + "%" })
	}},
	recordColumn: {"rec", 3, 0, false, func(_ Style, s *State, i, _ int) string {
		p := &s.Phones[i]
		return known(p.StatusKnown, func() string {
			if p.Recording {
				return "yes"
			}
			return "NO"
		})
	}},
}

const (
	lightColumn = iota
	nameColumn
	idColumn
	addrColumn
	doneColumn
	offsetColumn
	boundColumn
	driftColumn
	rttColumn
	bestColumn
	sparkColumn
	lostColumn
	batteryColumn
	recordColumn
)

const columnsOfLight = 5 // the longest word

// priority is the order in which columns get room.
var priority = []int{lightColumn, nameColumn, boundColumn, rttColumn, doneColumn, offsetColumn, lostColumn, batteryColumn, recordColumn,
	driftColumn, sparkColumn, bestColumn, idColumn, addrColumn}

// layout returns the width of each column in a table of so many columns of the terminal; 0: it is left out.
func layout(total int) []int {
	widths := make([]int, len(columns))
	left := total + 1 // a space goes before each but the first
	for _, c := range priority {
		if left < columns[c].width+1 {
			break
		}
		widths[c] = columns[c].width
		left -= columns[c].width + 1
	}
	if widths[nameColumn] == 0 { // hardly a terminal
		widths[lightColumn], widths[nameColumn] = min(columns[lightColumn].width, total), max(0, total-columns[lightColumn].width-1)
		return widths
	}
	for _, c := range []int{nameColumn, sparkColumn} {
		if widths[c] > 0 {
			more := min(left, columns[c].grow)
			if c == nameColumn && widths[sparkColumn] > 0 {
				more = min(more, left/3)
			}
			widths[c] += more
			left -= more
		}
	}
	return widths
}

// headings returns the table's first line. Until a fit has judged all, the bound is a question.
func (st Style) headings(s *State, widths []int) string {
	return st.row(widths, func(c int) string {
		if c == boundColumn && slices.ContainsFunc(s.Phones, func(p Phone) bool { return p.Bounded && !p.Judged }) {
			return columns[c].title + "?"
		}
		return columns[c].title
	})
}

// phone returns the line of s.Phones[i].
func (st Style) phone(s *State, i int, widths []int) string {
	return st.row(widths, func(c int) string { return columns[c].cell(st, s, i, widths[c]) })
}

func (st Style) row(widths []int, cell func(c int) string) string {
	line := ""
	for c, w := range widths {
		if w == 0 {
			continue
		}
		if line != "" {
			line += " "
		}
		if columns[c].text {
			line += st.left(cell(c), w)
		} else {
			line += st.right(cell(c), w)
		}
	}
	return line
}

// name returns what p is called in so many columns: what tells it from others is never cut off.
func (st Style) name(p *Phone, room int) string {
	tail := st.clean(p.Tail)
	if p.Name == "" || tail == "" || width(tail)+2 > room {
		return st.clean(p.label())
	}
	return st.cut(st.clean(p.Name), room-width(tail)-1) + " " + tail
}

func known(is bool, text func() string) string {
	if !is {
		return "-"
	}
	return text()
}

func done(p *Phone) string {
	switch {
	case p.Failed != "":
		return "-"
	case p.Finished:
		return "100%"
	case p.Count > 0:
		return strconv.Itoa(min(100*p.Done/p.Count, 100)) + "%"
	}
	return many(p.Done)
}

// many writes a count in four columns.
func many(n int) string {
	switch {
	case n < 10_000:
		return strconv.Itoa(n)
	case n < 1_000_000:
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n/1_000_000) + "M"
}

// short writes a span in ms in at most five columns; longer ones have their unit.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(float64(d)/1e6, 'f', 2, 64)
	case d < 100*time.Millisecond:
		return strconv.FormatFloat(float64(d)/1e6, 'f', 1, 64)
	case d < 10*time.Second:
		return strconv.FormatFloat(float64(d)/1e6, 'f', 0, 64)
	case d < 100*time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 0, 64) + "s"
	}
	return ">1h"
}

// signed writes an offset in ms in at most nine columns; larger ones have their unit.
func signed(d time.Duration) string {
	switch a := d.Abs(); {
	case a < 10*time.Second:
		return fmt.Sprintf("%+.3f", float64(d)/1e6)
	case a < 1000*time.Second:
		return fmt.Sprintf("%+.2fs", d.Seconds())
	case a < 1000*time.Hour:
		return fmt.Sprintf("%+.2fh", d.Hours())
	}
	return fmt.Sprintf("%+.0fd", d.Hours()/24)
}

func (st Style) plusMinus() string {
	if st.ASCII {
		return ""
	}
	return "±"
}

// drift writes a drift and how much it may be off, in ppm, as finely as there is room for.
func (st Style) drift(e18, half int64, room int) string {
	between := "±"
	if st.ASCII {
		between = "+-"
	}
	for decimals := 1; ; decimals-- {
		text := fmt.Sprintf("%+.*f%s%.*f", decimals, float64(e18)/1e12, between, decimals, float64(half)/1e12)
		if decimals == 0 || width(text) <= room {
			return text
		}
	}
}
