package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// lineError says in the words of the plan why the text of a line could not be taken, given what the decoder says.
func lineError(text []byte, err error) error {
	if name, of, known := unknownField(text); name != "" {
		return fmt.Errorf("%w: %s has no %q; expected %s", ErrPlan, of, name, strings.Join(known, ", "))
	}
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		name := kind.Field
		if name == "" {
			name = "a line"
		}
		return fmt.Errorf("%w: %s is a %s; expected %s", ErrPlan, name, kind.Value, wanted(kind.Type))
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: byte %d: %w; expected one JSON object", ErrPlan, syntax.Offset, err)
	}
	return fmt.Errorf("%w: %w", ErrPlan, err)
}

// wanted says in JSON's words what is expected.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return `a list of texts, as ["p01"]`
		}
		return "a list of objects"
	case reflect.String:
		return "a text in quotes"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	}
	return "an object"
}

// unknownField returns the first name in a line that none of its objects has, the object, and the names that this has.
func unknownField(text []byte) (name, of string, known []string) {
	var line map[string]json.RawMessage
	if json.Unmarshal(text, &line) != nil {
		return "", "", nil
	}
	if name, known = strange(line, reflect.TypeFor[Line]()); name != "" {
		return name, "a line", known
	}
	var options map[string]json.RawMessage
	if json.Unmarshal(line["options"], &options) == nil {
		if name, known = strange(options, reflect.TypeFor[LineOptions]()); name != "" {
			return name, "options", known
		}
	}
	var recordings []map[string]json.RawMessage
	if json.Unmarshal(line["recordings"], &recordings) == nil {
		for _, r := range recordings {
			if name, known = strange(r, reflect.TypeFor[Recording]()); name != "" {
				return name, "recordings", known
			}
		}
	}
	return "", "", nil
}

// strange returns the first name in an object that is none of a struct's, and those.
func strange(object map[string]json.RawMessage, t reflect.Type) (name string, known []string) {
	for i := range t.NumField() {
		field, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if field != "-" {
			known = append(known, field)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) { // as the decoder does
			return name, known
		}
	}
	return "", known
}
