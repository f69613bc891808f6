package alignfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// strict decodes b into the document that doc points to. Beyond encoding/json it demands every field without
// omitzero, and refuses unknown ones, ones in other letter case, ones that come twice, and null where the
// document has neither a pointer nor a figure.
func strict(b []byte, doc any) error {
	if err := json.Unmarshal(b, doc); err != nil { // all the syntax, and what may follow
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	return check(dec, reflect.TypeOf(doc).Elem(), "the file")
}

// check reads the next value of dec and compares it with the type t. Values themselves were decoded before.
func check(dec *json.Decoder, t reflect.Type, place string) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok == nil {
		if t.Kind() != reflect.Pointer && t.Kind() != reflect.Float64 {
			return fmt.Errorf("%s is null", place)
		}
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch tok {
	case json.Delim('{'):
		return checkObject(dec, t, place)
	case json.Delim('['):
		for i := 0; dec.More(); i++ {
			if err := check(dec, t.Elem(), fmt.Sprintf("%s[%d]", place, i)); err != nil {
				return err
			}
		}
		_, err := dec.Token()
		return err
	}
	return nil
}

func checkObject(dec *json.Decoder, t reflect.Type, place string) error {
	missing := map[string]bool{}
	types := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		types[name] = t.Field(i).Type
		if option != "omitzero" {
			missing[name] = true
		}
	}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key := tok.(string) // a key always is
		field, known := types[key]
		if !known {
			return fmt.Errorf("%s has %.60q, which is unknown or there twice", place, key)
		}
		delete(types, key)
		delete(missing, key)
		if err := check(dec, field, key); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	for i := range t.NumField() { // in their order
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if missing[name] {
			return fmt.Errorf("%s has no %q", place, name)
		}
	}
	return nil
}
