package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

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

	mu      sync.Mutex
	ended   int64        // bytes of the parts that are done
	size    int64        // of the part that is worked on
	written func() int64 // or read, of that; nil: none is
	at      int          // which part
	told    int          // per cent of the last line
	drawn   bool
}

const (
	soon        = 2 * time.Second        // of work that is over by then nothing is shown
	glanceEvery = 200 * time.Millisecond // people read no faster
	glanceShare = 20                     // a look may take one part in so many of the time of one core
)

// newWorkProgress begins to show what is done, of so many bytes in all.
func newWorkProgress(w io.Writer, what string, total int64) *workProgress {
	p := &workProgress{what: what, total: max(total, 1), talk: newSpeaker(w)}
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

// part says that work on so many bytes begins. written is called now and then, and says how many are done.
func (p *workProgress) part(size int64, written func() int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size, p.written = size, written
	p.at++
}

// done says that this part is done.
func (p *workProgress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.written != nil {
		p.ended += p.size
	}
	p.size, p.written = 0, nil
}

// hide takes the bar away, so that something else can be said.
func (p *workProgress) hide() {
	p.mu.Lock()
	if p.drawn {
		p.drawn = false
		p.talk.show(func() error { p.line.Clear(); return nil })
	}
	p.mu.Unlock()
	_ = p.talk.flush() // nobody reads: so be it
}

// close ends it.
func (p *workProgress) close() { p.stop() }

func (p *workProgress) watch(over chan struct{}) {
	clock := probe.SystemClock()
	timer := time.NewTimer(soon)
	defer timer.Stop()
	for {
		select {
		case <-over:
			return
		case <-timer.C:
		}
		_, before := clock.Stamp()
		p.look()
		_, after := clock.Stamp()
		timer.Reset(max(glanceEvery, glanceShare*after.Sub(before)))
	}
}

// look shows how far it is now.
func (p *workProgress) look() {
	p.mu.Lock()
	at, written := p.at, p.written
	p.mu.Unlock()
	if written == nil {
		return
	}
	n := written()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at != at || p.written == nil {
		return // it is out of date
	}
	n = p.ended + min(n, p.size)
	percent := int(min(100*n/p.total, 100))
	text := fmt.Sprintf("%s of %s", byteSize(n), byteSize(p.total))
	if p.line != nil {
		p.drawn = true
		p.talk.show(func() error { p.line.Draw(percent, p.what, text); return nil })
		return
	}
	if percent = percent / 10 * 10; percent > p.told {
		p.told = percent
		p.talk.offer(fmt.Sprintf("pialign: %s: %d %%, %s\n", p.what, percent, text))
	}
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
			_ = filepath.WalkDir(filepath.Join(dir, name), func(_ string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return nil
				}
				if info, err := e.Info(); err == nil {
					total += info.Size()
				}
				return nil
			})
		})
		return total
	}
}
