package main

import (
	"fmt"
	"path/filepath"
	"time"
)

// What a log takes on disk at the most: some 450 bytes a row in the journal, and as much again while the Parquet file is made of it.
const (
	bytesPerRow  = 1000
	bytesPerLog  = 64 << 10
	leastFree    = 1 << 20 // with less the disk is full, whatever is to be measured
	rowsEach     = 100 * time.Millisecond
	longestAhead = 24 * time.Hour // of a run without an end
)

// checkSpace returns an error where the disk is full, and warns where it may become so: once it is, nothing more can be kept.
func (m *measurement) checkSpace() error {
	free, err := freeSpaceAbove(m.o.session)
	if err != nil {
		return nil // not known; writing will tell
	}
	const mega = 1 << 20
	if free < leastFree {
		return withHint(fmt.Errorf("nothing was measured: the disk of %s is full, %d kB are free", m.o.session, free>>10), "free some space, or choose another --session DIR")
	}
	if need := m.o.needs() * uint64(len(m.phones)); free < need {
		m.warn("%d MB are free on the disk of %s, and this may take %d MB: free some before it is full", free/mega, m.o.session, (need+mega-1)/mega)
	}
	return nil
}

// needs returns how many bytes the logs of one phone take at the most.
func (o *probeOptions) needs() uint64 {
	rows := o.count
	switch ahead := o.total; {
	case o.long() && o.every > 0:
		if ahead == 0 {
			ahead = longestAhead
		}
		rows *= int(min(ahead/o.every, 1e6)) + 1
	case o.long():
		rows = int(ahead/rowsEach) + o.count
	}
	return uint64(rows)*bytesPerRow + bytesPerLog
}

func (m *measurement) warn(format string, args ...any) {
	fmt.Fprintf(m.talk, "pialign: warning: "+format+"\n", args...)
}

// enoughSpace returns an error where fewer than need bytes are free on the disk that dir is on, or will be.
func enoughSpace(dir string, need int64) error {
	free, err := freeSpaceAbove(dir)
	if err != nil || need <= 0 || free >= uint64(need) {
		return nil // or not known; writing will tell
	}
	return fmt.Errorf("%s are free on the disk of %s, and this takes %s", byteSize(int64(free)), dir, byteSize(need))
}

// freeSpaceAbove is freeSpace of dir, or of the folder in which it is still to be made.
func freeSpaceAbove(dir string) (uint64, error) {
	free, err := freeSpace(dir)
	for err != nil && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		free, err = freeSpace(dir)
	}
	return free, err
}
