package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Lines returns what s looks like on a terminal of so many columns and rows: never more lines than rows, none longer
// than the columns. Where there are more phones than rows those that need somebody most are shown.
func Lines(s State, columns, rows int, st Style) []string {
	columns, rows = max(columns, 1), max(rows, 1)
	light, advice := s.Advice()
	most := 2
	if columns < 60 {
		most = 4
	}
	foot := st.wrap(st.arrow()+st.clean(advice), columns, min(most, rows))
	for i := range foot {
		foot[i] = st.paintLight(light, foot[i])
	}
	head := []string{st.title(&s, columns), st.progress(&s, columns), ""}
	rowsLeft := rows - len(foot)
	table := st.table(&s, columns, rowsLeft-len(head)-1)
	// Phones and advice matter more than the head.
	for len(head) > 0 && rowsLeft-len(head)-1 < min(len(s.Phones)+1, 4) {
		head = head[:len(head)-1]
		table = st.table(&s, columns, rowsLeft-len(head)-1)
	}
	if len(head) == 0 {
		table = st.table(&s, columns, rowsLeft)
		return slices.Concat(table, foot)
	}
	return slices.Concat(head, table, []string{""}, foot)
}

func (st Style) arrow() string {
	if st.ASCII {
		return "=> "
	}
	return "→ "
}

// title says what is measured, and how to end it.
func (st Style) title(s *State, columns int) string {
	const hint = "Ctrl-C ends and keeps all"
	text := "pialign probe: " + st.clean(s.Session) + ", " + st.clean(s.Phase)
	if room := columns - width(text) - len(hint); room >= 2 {
		return text + strings.Repeat(" ", room) + hint
	}
	return st.cut(text, columns)
}

// progress says how far it is.
func (st Style) progress(s *State, columns int) string {
	if s.Percent < 0 {
		return st.cut(fmt.Sprintf("%d bursts done", s.Bursts), columns)
	}
	text := fmt.Sprintf(" %3d %%", s.Percent)
	if s.Left > 0 {
		text += ", " + coarse(s.Left) + " left"
	}
	bar := columns - max(width(text), len(" 100 %, 59.9 min left"))
	if bar < 5 {
		return st.cut(strings.TrimSpace(text), columns)
	}
	full, empty := "█", "░"
	if st.ASCII {
		full, empty = "#", "."
	}
	n := bar * s.Percent / 100
	return strings.Repeat(full, n) + strings.Repeat(empty, bar-n) + text
}

// table returns the headings and a line for each phone, in at most so many rows.
func (st Style) table(s *State, columns, rows int) []string {
	if rows < 1 {
		return nil
	}
	widths := layout(columns)
	var lines []string
	if rows > 2 {
		lines = append(lines, st.paint("2", st.headings(s, widths)))
		rows--
	}
	shown := s.neediest(rows)
	for _, i := range shown {
		line := st.phone(s, i, widths)
		if w := widths[lightColumn]; w == columnsOfLight {
			line = st.paintLight(s.Light(i), line[:w]) + line[w:]
		}
		lines = append(lines, line)
	}
	if len(shown) < len(s.Phones) {
		lines = append(lines, st.cut(s.rest(shown), columns))
	}
	return lines
}

// neediest returns the phones to be shown in so many rows, in their order. Where not all have room a row is left for a
// word about the rest.
func (s *State) neediest(rows int) []int {
	all := make([]int, len(s.Phones))
	for i := range all {
		all[i] = i
	}
	if len(all) <= rows {
		return all
	}
	slices.SortStableFunc(all, func(a, b int) int {
		firstA, manyA := s.troubles(a)
		firstB, manyB := s.troubles(b)
		return cmp.Or(cmp.Compare(s.Light(b), s.Light(a)), cmp.Compare(firstA, firstB), cmp.Compare(manyB, manyA))
	})
	all = all[:max(0, rows-1)]
	slices.Sort(all)
	return all
}

// rest counts the phones that are not shown, by light.
func (s *State) rest(shown []int) string {
	var by [Bad + 1]int
	for i := range s.Phones {
		if !slices.Contains(shown, i) {
			by[s.Light(i)]++
		}
	}
	var parts []string
	for l := Bad; l >= Good; l-- {
		if by[l] > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", by[l], l))
		}
	}
	return fmt.Sprintf("and %d more: %s", len(s.Phones)-len(shown), strings.Join(parts, ", "))
}
