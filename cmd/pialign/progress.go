package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
)

// progress shows how far a measurement is: a bar on a terminal, elsewhere a line for each 10 %. Where nobody
// knows when it ends, it counts the bursts instead.
type progress struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	o        probeOptions
	clock    probe.Clock
	began    align.MonoTime
	done     []int // exchanges of each phone; -1 for one that is not measured
	lost     int
	shown    int // what was shown last
	drawn    int // length of the bar's line
}

func newProgress(m *measurement) *progress {
	p := &progress{w: m.s.err, terminal: isTerminal(m.s.err), o: m.o, clock: m.clock, done: make([]int, len(m.phones))}
	_, p.began = p.clock.Stamp()
	for i, phone := range m.phones {
		if phone.err != nil {
			p.done[i] = -1
		}
	}
	return p
}

// step counts one exchange of the i-th phone.
func (p *progress) step(i int, e probe.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done[i]++
	if !e.Good() {
		p.lost++
	}
	p.show(false)
}

// end says how it ended, and begins a new line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		p.show(true)
		fmt.Fprintln(p.w)
	}
}

// show draws what is new: on a terminal each percent, elsewhere each ten. The slowest phone counts.
func (p *progress) show(now bool) {
	percent, known := p.percent()
	step := 10
	if p.terminal || !known {
		step = 1
	}
	if percent = percent / step * step; percent <= p.shown && !now {
		return
	}
	p.shown = percent
	text := fmt.Sprintf("%d exchanges", p.least())
	if phones := p.phones(); phones > 1 {
		text += fmt.Sprintf(" with each of %d phones", phones)
	}
	if p.lost > 0 {
		text += fmt.Sprintf(", %d lost", p.lost)
	}
	switch {
	case !known:
		text = fmt.Sprintf("%d bursts, %s; Ctrl-C ends", percent, text)
	case p.terminal:
		const width = 30
		filled := width * percent / 100
		text = fmt.Sprintf("[%s%s] %3d %%  %s", strings.Repeat("#", filled), strings.Repeat(" ", width-filled), percent, text)
	default:
		text = fmt.Sprintf("%3d %%, %s", percent, text)
	}
	if !p.terminal {
		fmt.Fprintf(p.w, "pialign: probing: %s\n", strings.TrimSpace(text))
		return
	}
	fmt.Fprintf(p.w, "\r%s%s", text, strings.Repeat(" ", max(0, p.drawn-len(text))))
	p.drawn = len(text)
}

// percent returns how much is done, or how many bursts where the end is not known.
func (p *progress) percent() (n int, known bool) {
	switch {
	case p.o.total > 0:
		_, now := p.clock.Stamp()
		return int(min(100*now.Sub(p.began)/p.o.total, 100)), true
	case p.o.every > 0:
		return p.least() / p.o.count, false
	}
	return 100 * p.least() / p.o.count, true
}

func (p *progress) phones() int {
	n := 0
	for _, d := range p.done {
		if d >= 0 {
			n++
		}
	}
	return n
}

func (p *progress) least() int {
	least := -1
	for _, d := range p.done {
		if d >= 0 && (least < 0 || d < least) {
			least = d
		}
	}
	return least
}

// isTerminal reports whether somebody looks at w as it is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
