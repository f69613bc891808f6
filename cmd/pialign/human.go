package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// ms writes a span for people: milliseconds with three digits, as clock errors are spoken of.
func ms(d time.Duration) string { return human.MS(d) }

// span writes a length of time for people.
func span(d time.Duration) string { return human.Span(d) }

// counted writes a number of things: noun is one of them, and takes an s.
func counted(n int, noun string) string { return human.Counted(n, noun) }

// someOf writes that n of all things are so, as in "the phone was" or "2 of 3 phones were". noun takes an s.
func someOf(n, all int, noun, is, are string) string {
	switch {
	case all == 1:
		return "the " + noun + " " + is
	case n == 1:
		return fmt.Sprintf("1 of %d %ss %s", all, noun, is)
	}
	return fmt.Sprintf("%d of %d %ss %s", n, all, noun, are)
}

// ppm writes a drift of 1e-18 units for people.
func ppm(e18 int64) string { return human.PPM(e18) }

// instant writes ns since 1970 for people.
func instant(ns int64) string { return human.Instant(ns) }

// nanos is a number of ns in JSON: a string, since many readers lose integers above 2^53.
type nanos int64

// MarshalJSON implements json.Marshaler.
func (n nanos) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(n), 10)), nil
}

// printJSON writes v as one indented object.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// quoted returns path as it can be typed at a shell.
func quoted(path string) string {
	if path != "" && !strings.ContainsAny(path, " \t\n\"'\\$&;|<>()*?[]{}!#~`") {
		return path
	}
	return fmt.Sprintf("%q", path)
}
