package view

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// Line is the last line of a terminal, as long as some work takes: a bar and a few words. What is on the screen stays.
type Line struct {
	w       io.Writer
	width   func() int
	style   Style
	restore func()
	shown   string
}

// OpenLine returns the Line of the terminal that w is, or false where w is none, or one that can not be drawn on. env looks up the
// environment.
func OpenLine(w io.Writer, env func(string) string) (*Line, bool) {
	f, ok := fileOf(w)
	if !ok || !term.IsTerminal(int(f.Fd())) || !drawable(env) {
		return nil, false
	}
	restore, ok := prepare(f)
	if !ok {
		return nil, false
	}
	return &Line{w: f, style: styleOf(env), restore: restore, width: func() int {
		columns, _, err := term.GetSize(int(f.Fd()))
		if err != nil || columns <= 0 {
			return 80 // a terminal that does not know its size
		}
		return columns
	}}, true
}

// Draw shows how much is done, if that looks otherwise than before.
func (l *Line) Draw(percent int, what, text string) {
	line := workLine(percent, what, text, l.width()-1, l.style) // in the last column some terminals go on to the next line
	if line != l.shown {
		_, _ = io.WriteString(l.w, "\r"+line+clearLine) // a terminal that is gone is no reason to end
		l.shown = line
	}
}

// Clear takes the line away.
func (l *Line) Clear() {
	if l.shown != "" {
		_, _ = io.WriteString(l.w, "\r"+clearLine)
		l.shown = ""
	}
}

// Close takes the line away and gives the terminal its former modes back.
func (l *Line) Close() {
	l.Clear()
	l.restore()
}

// workLine is the line at a width of columns. The bar takes what the words leave, up to 40.
func workLine(percent int, what, text string, columns int, style Style) string {
	percent = max(0, min(percent, 100))
	text = fmt.Sprintf(" %3d %%  %s", percent, text)
	bar := min(40, columns-width(what)-1-width(text))
	if bar < 5 {
		return style.cut(what+text, columns)
	}
	full, empty := "█", "░"
	if style.ASCII {
		full, empty = "#", "."
	}
	n := bar * percent / 100
	return what + " " + strings.Repeat(full, n) + strings.Repeat(empty, bar-n) + text
}
