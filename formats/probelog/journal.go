package probelog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/pialign/pialign/formats/wholefile"
)

const (
	journalExt = ".journal"
	parquetExt = ".parquet"
)

// syncAfter is how long a row may wait for its flush: half of the second that is promised, the other half is
// for the disk.
const syncAfter = 500 * time.Millisecond

// journal is a log in the making: a text file that only grows, a line a row, each with a checksum.
type journal[T any] struct {
	columns []column[T]
	path    string // of the journal
	final   string // of the Parquet file it will become

	mu      sync.Mutex
	f       *os.File
	timer   *time.Timer
	closed  bool
	waiting bool           // a flush is due
	flushes sync.WaitGroup // running ones
	rows    int
	size    int   // in bytes
	err     error // the first, which ends the log
	line    []byte
}

// newJournal starts a journal in dir. Where a log of the name that name gives for an instant exists, it is tried
// with the next ms: two programs may probe into one session.
func newJournal[T any](dir string, h Header, k kind, columns []column[T], name func(Header) string) (*journal[T], error) {
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("probe log in %s: %w", dir, err)
	}
	if n := len(name(h)) + len(parquetExt); n > maxName {
		return nil, fmt.Errorf("probe log in %s: its file name would have %d bytes, at most %d: choose a shorter phase", dir, n, maxName)
	}
	if err := wholefile.MakeDir(dir); err != nil {
		return nil, fmt.Errorf("session folder: %w", err)
	}
	named := h
	for range maxTries {
		j := &journal[T]{columns: columns}
		j.path = filepath.Join(dir, name(named)+journalExt)
		j.final = filepath.Join(dir, name(named)+parquetExt)
		f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
		if errors.Is(err, fs.ErrExist) {
			named.Started = named.Started.Add(time.Millisecond)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("starting the journal of a probe log: %w", err)
		}
		// The lock is held until the journal has become Parquet: Recover leaves it alone meanwhile. Where the file
		// system has none, Recover refuses. A Recover that was faster has taken the empty file away.
		if err := lock(f); errors.Is(err, ErrInUse) || !isAt(f, j.path) {
			f.Close()
			named.Started = named.Started.Add(time.Millisecond)
			continue
		}
		// Whoever makes the Parquet file holds the journal's name until it is there: after our own journal, a
		// look is enough.
		if _, err := os.Lstat(j.final); err == nil {
			f.Close()
			os.Remove(j.path)
			named.Started = named.Started.Add(time.Millisecond)
			continue
		}
		j.f = f
		if err := j.begin(dir, h.clean(), k); err != nil {
			f.Close()
			os.Remove(j.path)
			return nil, fmt.Errorf("starting %s: %w", j.path, err)
		}
		return j, nil
	}
	return nil, fmt.Errorf("probe log in %s: %d logs begin at the same time: is the clock standing still?", dir, maxTries)
}

// isAt reports whether path still leads to f.
func isAt(f *os.File, path string) bool {
	mine, err1 := f.Stat()
	there, err2 := os.Lstat(path)
	return err1 == nil && err2 == nil && os.SameFile(mine, there)
}

const (
	maxTries = 1000
	maxName  = 255 // what common file systems allow, in bytes
)

// begin writes the header line and brings it and the journal's name onto the disk.
func (j *journal[T]) begin(dir string, h Header, k kind) error {
	line := headerLine(h, k)
	if _, err := j.f.Write(line); err != nil {
		return err
	}
	j.size = len(line)
	if err := j.f.Sync(); err != nil {
		return err
	}
	return wholefile.SyncDir(dir)
}

// headerLine returns the first line of a journal: the metadata, all of it texts.
func headerLine(h Header, k kind) []byte {
	b := []byte(`{"pialign":{`)
	for i, p := range h.pairs(k) {
		if i > 0 {
			b = append(b, ',')
		}
		key, _ := json.Marshal(p.key) // texts always can
		value, _ := json.Marshal(p.value)
		b = append(append(append(b, key...), ':'), value...)
	}
	return seal(append(b, '}'))
}

// checkMember is the last member of a line: the checksum of all bytes before its comma.
const checkMember = `,"xxh64":"`

// seal ends a line that has everything but its checksum.
func seal(b []byte) []byte {
	sum := xxhash.Sum64(b)
	b = append(b, checkMember...)
	b = fmt.Appendf(b, "%016x", sum)
	return append(b, '"', '}', '\n')
}

// append adds row. It is in the hands of the operating system when append returns, and on disk within a second.
func (j *journal[T]) append(row *T) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.err != nil:
		return j.err
	case j.closed:
		return fmt.Errorf("%s: %w", j.path, ErrClosed)
	}
	j.line = seal(appendJSON(append(j.line[:0], '{'), j.columns, row))
	if j.rows == maxRows || j.size+len(j.line) > maxFile {
		return fmt.Errorf("%s: %w", j.path, ErrFull)
	}
	if _, err := j.f.Write(j.line); err != nil {
		// A part of the line may be there. What follows would be glued to it, so nothing does.
		j.err = fmt.Errorf("writing %s: %w", j.path, err)
		return j.err
	}
	j.rows++
	j.size += len(j.line)
	if !j.waiting {
		j.waiting = true
		j.flushes.Add(1)
		j.timer = time.AfterFunc(syncAfter, j.flush)
	}
	return nil
}

// flush brings what was appended onto the disk. Rows may be appended meanwhile; they start a flush of their own.
func (j *journal[T]) flush() {
	defer j.flushes.Done()
	j.mu.Lock()
	j.waiting = false
	f := j.f
	j.mu.Unlock()
	if err := f.Sync(); err != nil {
		j.mu.Lock()
		j.err = firstOf(j.err, fmt.Errorf("flushing %s: %w", j.path, err))
		j.mu.Unlock()
	}
}

// close flushes the journal, makes the Parquet file of it and removes it. If that fails the journal stays.
func (j *journal[T]) close(finish func(journal, final string) error) (string, error) {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return "", fmt.Errorf("%s: %w", j.path, ErrClosed)
	}
	j.closed = true
	if j.waiting && j.timer.Stop() {
		j.flushes.Done() // it will not run
	}
	j.mu.Unlock()
	j.flushes.Wait()

	j.mu.Lock()
	defer j.mu.Unlock()
	defer j.f.Close() // on an error; it ends the lock
	if err := j.f.Sync(); err != nil {
		return "", fmt.Errorf("flushing %s: %w", j.path, err)
	}
	err := finish(j.path, j.final)
	if err := j.f.Close(); err != nil {
		return "", fmt.Errorf("closing %s: %w", j.path, err)
	}
	if err != nil {
		return "", fmt.Errorf("%w (the measurements are safe in %s)", err, j.path)
	}
	if err := os.Remove(j.path); err != nil {
		return "", fmt.Errorf("removing the journal of %s, which is complete: %w", j.final, err)
	}
	return j.final, nil
}
