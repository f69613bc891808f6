package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// batchSources has the alignments of the sessions of a data set. Each session is fitted once, by whoever needs it first, and forgotten
// some time after nobody needs it any more: fitted again it gives the same.
type batchSources struct {
	clock  string
	sha256 bool

	mu      sync.Mutex
	made    map[string]*batchSource
	idle    []string // those that nobody uses, the longest unused first
	digests map[string]func() (string, error)
}

// batchSource is a session or an alignment file.
type batchSource struct {
	make   func()
	clocks []hostClock
	said   []string // about the session as a whole
	err    error
	users  int
}

// mostIdle bounds how many are kept that nobody uses: each has some 50 kB.
const mostIdle = 200

func newBatchSources(o applyOptions) *batchSources {
	return &batchSources{clock: o.retime.Clock, sha256: o.retime.SHA256, made: map[string]*batchSource{}, digests: map[string]func() (string, error){}}
}

// use returns a source, which is to be given back.
func (b *batchSources) use(path string, alignment bool) *batchSource {
	b.mu.Lock()
	s := b.made[path]
	if s == nil {
		s = &batchSource{}
		s.make = sync.OnceFunc(func() {
			if s.err = plainSource(path, alignment); s.err != nil {
				return
			}
			if alignment {
				s.clocks, s.err = readAlignments([]string{path}, b.clock)
			} else {
				s.fit(path, b.clock)
			}
		})
		b.made[path] = s
	}
	if s.users++; s.users == 1 {
		b.idle = slices.DeleteFunc(b.idle, func(p string) bool { return p == path })
	}
	b.mu.Unlock()
	s.make()
	return s
}

// giveBack says that a source is not used any more by one of its users.
func (b *batchSources) giveBack(path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.made[path]
	if s.users--; s.users > 0 {
		return
	}
	if b.idle = append(b.idle, path); len(b.idle) > mostIdle {
		delete(b.made, b.idle[0])
		b.idle = b.idle[1:]
	}
}

// plainSource refuses what is no folder of logs, or no file: a pipe would be waited for.
func plainSource(path string, alignment bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what := map[bool]string{true: "the alignment", false: "the session"}[alignment]
		return withHint(fmt.Errorf("%s: %s that the plan names is not there: %w", path, what, fs.ErrNotExist), "%s", nearSource(path))
	case err != nil:
		return err
	case alignment && !info.Mode().IsRegular():
		return fmt.Errorf("%s: expected an alignment, a file", path)
	case !alignment && !info.IsDir():
		return fmt.Errorf("%s: expected a session, a folder of probe logs", path)
	}
	return nil
}

// nearSource says what a plan may have meant by a path that is not there. It names no folder: records say nothing of where a plan lies.
func nearSource(path string) string {
	const relative = "paths in a plan are relative to its folder"
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Sprintf("the folder that should hold it is not there either; %s", relative)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if near := similar(filepath.Base(path), names); near != "" {
		return fmt.Sprintf("did you mean %s, which is in the same folder?", quoted(near))
	}
	return "correct the path in the plan; " + relative
}

// fit fits a session.
func (s *batchSource) fit(path, clock string) {
	var talk bytes.Buffer
	all, err := fitSession(&talk, []string{path}, "", align.Options{})
	for line := range strings.Lines(talk.String()) {
		s.said = append(s.said, strings.TrimPrefix(strings.TrimSpace(line), "pialign: warning: "))
	}
	if err != nil {
		s.err = err
		return
	}
	for _, f := range all {
		if f.err != nil {
			f.err = &sharedError{f.err}
			s.said = append(s.said, f.err.Error())
		}
		c := chooseClock(f, path, clock)
		s.clocks = append(s.clocks, c)
	}
}

// digest returns the digest of a source's bytes.
func (b *batchSources) digest(ctx context.Context, path string, alignment bool) (string, error) {
	b.mu.Lock()
	sum := b.digests[path]
	if sum == nil {
		sum = sync.OnceValues(func() (string, error) {
			if err := plainSource(path, alignment); err != nil {
				return "", err
			}
			return (&batch.Digester{SHA256: b.sha256}).Source(ctx, path, alignment)
		})
		b.digests[path] = sum
	}
	b.mu.Unlock()
	return sum()
}
