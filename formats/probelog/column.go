package probelog

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// column is one column of a table of T: its name, its type, and where its value lies in a T.
type column[T any] struct {
	name     string
	nullable bool // a zero stands for null
	number   func(*T) *int64
	text     func(*T) *string
	flag     func(*T) *bool
}

func instant[T any](name string, at func(*T) *int64) column[T] {
	return column[T]{name: name, nullable: true, number: at}
}

func integer[T any](name string, at func(*T) *int64) column[T] {
	return column[T]{name: name, number: at}
}

func text[T any](name string, at func(*T) *string) column[T] { return column[T]{name: name, text: at} }

func flag[T any](name string, at func(*T) *bool) column[T] { return column[T]{name: name, flag: at} }

// appendJSON adds row as members of a JSON object: integers that are instants as strings, null for none.
func appendJSON[T any](b []byte, columns []column[T], row *T) []byte {
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, c.name...)
		b = append(b, '"', ':')
		switch {
		case c.text != nil:
			s, _ := json.Marshal(*c.text(row)) // a string always can
			b = append(b, s...)
		case c.flag != nil:
			b = strconv.AppendBool(b, *c.flag(row))
		case !c.nullable:
			b = strconv.AppendInt(b, *c.number(row), 10)
		case *c.number(row) == 0:
			b = append(b, "null"...)
		default:
			b = append(b, '"')
			b = strconv.AppendInt(b, *c.number(row), 10)
			b = append(b, '"')
		}
	}
	return b
}

// setJSON undoes appendJSON. Members that are no column are left alone.
func setJSON[T any](columns []column[T], row *T, members map[string]json.RawMessage) error {
	for _, c := range columns {
		raw, ok := members[c.name]
		if !ok {
			return fmt.Errorf("%s is missing", c.name)
		}
		if err := c.setJSON(row, raw); err != nil {
			return err
		}
	}
	return nil
}

func (c column[T]) setJSON(row *T, raw json.RawMessage) error {
	switch {
	case c.text != nil:
		var s *string
		if json.Unmarshal(raw, &s) != nil || s == nil {
			return fmt.Errorf("%s is %.40s, not a text", c.name, raw)
		}
		if err := checkText(c.name, *s); err != nil {
			return err
		}
		*c.text(row) = *s
		return nil
	case c.flag != nil:
		var f *bool
		if json.Unmarshal(raw, &f) != nil || f == nil {
			return fmt.Errorf("%s is %.40s, neither true nor false", c.name, raw)
		}
		*c.flag(row) = *f
		return nil
	case c.nullable && string(raw) == "null":
		*c.number(row) = 0
		return nil
	}
	digits := string(raw)
	if c.nullable {
		n := len(digits)
		if n < 3 || digits[0] != '"' || digits[n-1] != '"' {
			return fmt.Errorf("%s is %.40s, not ns in quotes", c.name, raw)
		}
		digits = digits[1 : n-1]
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strconv.FormatInt(v, 10) != digits {
		return fmt.Errorf("%s is %.40s, not an integer", c.name, raw)
	}
	*c.number(row) = v
	return nil
}
