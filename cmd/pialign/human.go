package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// ms writes a span for people: milliseconds with three digits, as clock errors are spoken of.
func ms(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/1e6, 'f', 3, 64) + " ms"
}

// span writes a length of time for people.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + span(-d)
	case d < time.Second:
		return ms(d)
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// counted writes a number of things: noun is one of them, and takes an s.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

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
func ppm(e18 int64) string {
	return strconv.FormatFloat(float64(e18)/1e12, 'f', 3, 64) + " ppm"
}

// instant writes ns since 1970 for people.
func instant(ns int64) string {
	return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000Z")
}

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
