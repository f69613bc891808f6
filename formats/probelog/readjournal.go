package probelog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"

	"github.com/cespare/xxhash/v2"
)

// maxLine bounds a line of rows: six texts of maxText, each byte escaped to six.
const maxLine = 1 << 18

// parseJournal reads a journal. A row that cannot be read costs a warning, not the others: each line stands for
// itself. Without the first line nobody knows whose clocks these are, so that one must be right.
func parseJournal[T any](b []byte, want kind, columns []column[T]) (table[T], error) {
	line, rest, whole := bytes.Cut(b, []byte("\n"))
	if !whole {
		if !bytes.HasPrefix(line, []byte(journalStart)) && !bytes.HasPrefix([]byte(journalStart), line) {
			return table[T]{}, foreign("neither Parquet nor a journal")
		}
		return table[T]{}, ErrEmpty
	}
	h, k, err := parseHeaderLine(line)
	if err != nil {
		return table[T]{}, err
	}
	if err := checkKind(k, want); err != nil {
		return table[T]{}, err
	}
	t := table[T]{header: h, journal: true}
	bad := 0
	for n := 2; len(rest) > 0; n++ {
		line, rest, whole = bytes.Cut(rest, []byte("\n"))
		if !whole {
			t.warnings = append(t.warnings, fmt.Sprintf("line %d is cut, as when a program or a computer is stopped in mid-write: that exchange is lost", n))
			break
		}
		var row T
		if err := parseRowLine(line, columns, &row); err != nil {
			if bad++; bad <= maxWarnings {
				t.warnings = append(t.warnings, fmt.Sprintf("line %d is damaged and left out: %v", n, err))
			}
			continue
		}
		if len(t.rows) == maxRows {
			return table[T]{}, damaged("more than %d rows", maxRows)
		}
		t.rows = append(t.rows, row)
	}
	t.bad = bad
	if bad > maxWarnings {
		t.warnings = append(t.warnings, fmt.Sprintf("%d more lines are damaged and left out", bad-maxWarnings))
	}
	return t, nil
}

// maxWarnings bounds how many damaged lines are named one by one.
const maxWarnings = 20

// journalStart begins every journal.
const journalStart = `{"pialign":{`

func parseHeaderLine(line []byte) (Header, kind, error) {
	if !bytes.HasPrefix(line, []byte(journalStart)) {
		return Header{}, "", foreign("neither Parquet nor a journal")
	}
	if len(line) > 8*maxStatus {
		return Header{}, "", damaged("line 1 has %d bytes", len(line))
	}
	var doc struct {
		Pialign map[string]string `json:"pialign"`
	}
	if err := json.Unmarshal(line, &doc); err != nil {
		return Header{}, "", damaged("line 1: %w", err)
	}
	pairs := make([]pair, 0, len(doc.Pialign))
	for key, value := range doc.Pialign {
		pairs = append(pairs, pair{key, value})
	}
	sort.Slice(pairs, func(i, j int) bool { return pairs[i].key < pairs[j].key })
	h, k, err := parseHeader(pairs)
	if err != nil {
		return Header{}, "", fmt.Errorf("line 1: %w", err)
	}
	if err := checkSeal(line); err != nil { // after the version, whose successor may seal otherwise
		return Header{}, "", damaged("line 1: %w", err)
	}
	return h, k, nil
}

func parseRowLine[T any](line []byte, columns []column[T], row *T) error {
	if len(line) > maxLine {
		return fmt.Errorf("it has %d bytes, at most %d", len(line), maxLine)
	}
	if err := checkSeal(line); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return err
	}
	return setJSON(columns, row, members)
}

// checkSeal checks what seal wrote.
func checkSeal(line []byte) error {
	n := len(line) - len(checkMember) - 16 - len(`"}`)
	if n < 0 || string(line[n:n+len(checkMember)]) != checkMember || !bytes.HasSuffix(line, []byte(`"}`)) {
		return errors.New("it does not end in its checksum")
	}
	if string(line[n+len(checkMember):len(line)-2]) != fmt.Sprintf("%016x", xxhash.Sum64(line[:n])) {
		return errors.New("its checksum does not match")
	}
	return nil
}
