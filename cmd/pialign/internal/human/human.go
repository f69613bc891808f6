// Package human writes clock figures for people, the same way in messages and on pages.
package human

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// MS writes a span: milliseconds with three digits, as clock errors are spoken of.
func MS(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/1e6, 'f', 3, 64) + " ms"
}

// Span writes a length of time.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Span(-max(d, -math.MaxInt64)) // the least has no positive
	case d < time.Second:
		return MS(d)
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// Counted writes a number of things: noun is one of them, and takes an s.
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// PPM writes a drift of 1e-18 units.
func PPM(e18 int64) string {
	return strconv.FormatFloat(float64(e18)/1e12, 'f', 3, 64) + " ppm"
}

// Instant writes ns since 1970.
func Instant(ns int64) string {
	return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000Z")
}
