package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/view"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/wholefile"
	"github.com/pialign/pialign/probe"
)

// workProgress shows how far work on files is: a bar on a terminal, a line for each 10 % elsewhere; nothing of what is over soon.
//
// It looks from outside how much of the result is written, or, where nothing is, of the recording read, so that it costs the work
// next to nothing.
type workProgress struct {
	what  string // is being done
	total int64  // bytes
	talk  *speaker
	line  *view.Line // nil: no terminal
	stop  func()

	begun probe.Clock
	from  align.MonoTime // when it began

	mu    sync.Mutex
	ended int64       // bytes of the parts that are done
	parts []*workPart // that are worked on
	told  int         // per cent of the last line
	drawn bool
}

// workPart is a part that is worked on; several may be at a time.
type workPart struct {
	p       *workProgress
	size    int64        // bytes
	written func() int64 // or read
}

const (
	soon        = 2 * time.Second        // of work that is over by then nothing is shown
	glanceEvery = 200 * time.Millisecond // people read no faster
	glanceShare = 20                     // a look may take one part in so many of the time of one core
)

// newWorkProgress begins to show what is done, of so many bytes in all.
func newWorkProgress(w io.Writer, what string, total int64) *workProgress {
	p := &workProgress{what: what, total: max(total, 1), talk: newSpeaker(w), begun: probe.SystemClock()}
	_, p.from = p.begun.Stamp()
	if line, ok := view.OpenLine(w, os.Getenv); ok {
		p.line = line
	}
	over := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() { p.watch(over) })
	p.stop = sync.OnceFunc(func() {
		close(over)
		watcher.Wait()
		p.hide()
		if p.line != nil {
			p.line.Close()
		}
	})
	return p
}

// more says that there are so many more bytes to do, or fewer, than were thought.
func (p *workProgress) more(bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = max(p.total+bytes, 1)
}

// part says that work on so many bytes begins. written is called now and then, and says how many are done.
func (p *workProgress) part(size int64, written func() int64) *workPart {
	w := &workPart{p, size, written}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts = append(p.parts, w)
	return w
}

// done says that this part is done.
func (w *workPart) done() { w.end(w.size) }

// drop says that nothing of this part counts.
func (w *workPart) drop() { w.end(0) }

func (w *workPart) end(size int64) {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	if i := slices.Index(w.p.parts, w); i >= 0 {
		w.p.parts = slices.Delete(w.p.parts, i, i+1)
		w.p.ended += size
	}
}

// hide takes the bar away, so that something else can be said.
func (p *workProgress) hide() { p.say(func() {}) }

// say has something else said, while no bar is drawn.
func (p *workProgress) say(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		p.drawn = false
		p.talk.show(func() error { p.line.Clear(); return nil })
	}
	_ = p.talk.flush() // nobody reads: so be it
	what()
}

// close ends it.
func (p *workProgress) close() { p.stop() }

func (p *workProgress) watch(over chan struct{}) {
	timer := time.NewTimer(soon)
	defer timer.Stop()
	for {
		select {
		case <-over:
			return
		case <-timer.C:
		}
		_, before := p.begun.Stamp()
		p.look()
		_, after := p.begun.Stamp()
		timer.Reset(max(glanceEvery, glanceShare*after.Sub(before)))
	}
}

// look shows how far it is now.
func (p *workProgress) look() {
	p.mu.Lock()
	parts, ended := slices.Clone(p.parts), p.ended
	p.mu.Unlock()
	if len(parts) == 0 {
		return
	}
	n := ended
	for _, w := range parts {
		n += min(w.written(), w.size)
	}
	_, now := p.begun.Stamp()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != ended || !slices.Equal(p.parts, parts) {
		return // it is out of date
	}
	percent := int(min(100*n/p.total, 100))
	text := fmt.Sprintf("%s of %s", byteSize(n), byteSize(p.total))
	if p.line != nil {
		p.drawn = true
		p.talk.show(func() error { p.line.Draw(percent, p.what, text+timeLeft(n, p.total, now.Sub(p.from))); return nil })
		return
	}
	if percent = percent / 10 * 10; percent > p.told {
		p.told = percent
		p.talk.offer(fmt.Sprintf("pialign: %s: %d %%, %s%s\n", p.what, percent, text, timeLeft(n, p.total, now.Sub(p.from))))
	}
}

// timeLeft says how fast it goes and how long it takes from now, where that can be told.
func timeLeft(n, total int64, past time.Duration) string {
	if n <= 0 || past < soon {
		return ""
	}
	rate := float64(n) / past.Seconds()
	left := time.Duration(float64(total-min(n, total)) / rate * 1e9)
	if left < time.Second {
		return fmt.Sprintf(", %s/s", byteSize(int64(rate)))
	}
	return fmt.Sprintf(", %s/s, %s left", byteSize(int64(rate)), span(left.Round(time.Second)))
}

// readOf returns what says how many of size bytes are done, by what rec reads from now on of all that it has.
func readOf(rec formats.Recording, size int64) func() int64 {
	r, ok := rec.(interface {
		Size() int64
		BytesRead() int64
	})
	if !ok || r.Size() == 0 {
		return func() int64 { return 0 }
	}
	before, all := r.BytesRead(), float64(r.Size())
	return func() int64 { return int64(float64(size) * min(float64(r.BytesRead()-before)/all, 1)) }
}

// byteSize writes a number of bytes for people.
func byteSize(n int64) string {
	switch {
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// unfinishedIn returns what says how many bytes are in the unfinished work below the folder dir, but for what lies there now.
func unfinishedIn(dir string) func() int64 {
	before := map[string]bool{}
	each := func(visit func(name string)) {
		entries, _ := os.ReadDir(dir) // not there yet
		for _, e := range entries {
			if wholefile.IsTemp(e.Name()) && !before[e.Name()] {
				visit(e.Name())
			}
		}
	}
	var old []string
	each(func(name string) { old = append(old, name) })
	for _, name := range old {
		before[name] = true
	}
	return func() (total int64) {
		each(func(name string) {
			total += writtenIn(filepath.Join(dir, name))
		})
		return total
	}
}

// writtenIn returns how many bytes the files at or below path have, while it is worked on.
func writtenIn(path string) (total int64) {
	_ = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}
