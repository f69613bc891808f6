package view

import (
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// fileOf returns the file that w writes to, whatever stands before it.
func fileOf(w io.Writer) (*os.File, bool) {
	for {
		switch v := w.(type) {
		case *os.File:
			return v, true
		case interface{ Unwrap() io.Writer }:
			w = v.Unwrap()
		default:
			return nil, false
		}
	}
}

// Terminal reports whether what is written to w comes to a terminal, whatever that understands.
func Terminal(w io.Writer) bool {
	f, ok := fileOf(w)
	return ok && term.IsTerminal(int(f.Fd()))
}

// drawable reports whether the terminal that env speaks of understands sequences.
func drawable(env func(string) string) bool {
	switch env("TERM") {
	case "dumb", "unknown":
		return false
	case "":
		return runtime.GOOS == "windows" // consoles there have no TERM: prepare asks
	}
	return true
}

// styleOf returns what the terminal that env speaks of can show.
func styleOf(env func(string) string) Style {
	return Style{Colour: env("NO_COLOR") == "", ASCII: !unicodeTerminal(env)} // https://no-color.org
}

func unicodeTerminal(env func(string) string) bool {
	if runtime.GOOS == "windows" {
		return env("WT_SESSION") != "" // the older console's fonts lack most blocks
	}
	if env("TERM") == "linux" { // so do those of the kernel's console
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts, as POSIX says
		if v := strings.ToLower(env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "darwin" // its terminals speak UTF-8, also where ssh passed on no locale
}
