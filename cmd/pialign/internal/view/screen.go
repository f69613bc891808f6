package view

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Screen is a terminal's second screen, which keeps what was on the first. It draws only what changed.
type Screen struct {
	w       io.Writer
	size    func() (columns, rows int)
	style   Style
	restore func() // gives the terminal its former modes back

	mu            sync.Mutex
	on, closed    bool
	columns, rows int // when drawn last
	shown         []string
	drawn         int // how many times
}

// Sequences of ECMA-48, and of xterm for the second screen.
const (
	enter     = "\x1b[?1049h"
	leave     = "\x1b[0m\x1b[?1049l"
	wipe      = "\x1b[2J"
	clearLine = "\x1b[K"
	clearRest = "\x1b[J"
)

// wholeEvery is how often all is drawn anew: keys typed meanwhile have left their marks.
const wholeEvery = 10

// OpenScreen returns the Screen of the terminal that w is, or false where w is none, or one that can not be drawn on. env
// looks up the environment.
func OpenScreen(w io.Writer, env func(string) string) (*Screen, bool) {
	f, ok := fileOf(w)
	if !ok || !term.IsTerminal(int(f.Fd())) || !drawable(env) {
		return nil, false
	}
	restore, ok := prepare(f)
	if !ok {
		return nil, false
	}
	return &Screen{w: f, style: styleOf(env), restore: restore, size: func() (int, int) {
		columns, rows, err := term.GetSize(int(f.Fd()))
		if err != nil || columns <= 0 || rows <= 0 {
			return 80, 24 // a terminal that does not know its size
		}
		return columns, rows
	}}, true
}

// Draw shows s as it looks at the present size.
func (s *Screen) Draw(state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	columns, rows := s.size()
	lines := Lines(state, columns, rows, s.style)
	var b strings.Builder
	if !s.on {
		b.WriteString(enter)
	}
	whole := !s.on || columns != s.columns || rows != s.rows
	if whole {
		b.WriteString(wipe)
	}
	whole = whole || s.drawn%wholeEvery == 0
	for i, line := range lines {
		if whole || i >= len(s.shown) || line != s.shown[i] {
			fmt.Fprintf(&b, "\x1b[%d;1H%s", i+1, line)
			if columns > width(plain(line)) { // at the edge it would clear the last letter
				b.WriteString(clearLine)
			}
		}
	}
	if len(lines) < rows && (whole || len(lines) < len(s.shown)) {
		fmt.Fprintf(&b, "\x1b[%d;1H%s", len(lines)+1, clearRest)
	}
	fmt.Fprintf(&b, "\x1b[%d;1H", len(lines))
	s.on, s.columns, s.rows, s.shown = true, columns, rows, lines
	s.drawn++
	_, _ = io.WriteString(s.w, b.String()) // a terminal that is gone is no reason to end
}

// Close gives the terminal back. Nothing is drawn after it.
func (s *Screen) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave()
	if !s.closed {
		s.restore()
	}
	s.closed = true
}

func (s *Screen) leave() {
	if s.on {
		_, _ = io.WriteString(s.w, leave)
	}
	s.on = false
}

// plain returns line without colours.
func plain(line string) string {
	var b strings.Builder
	for {
		before, after, some := strings.Cut(line, "\x1b[")
		b.WriteString(before)
		if !some {
			return b.String()
		}
		_, line, _ = strings.Cut(after, "m")
	}
}
