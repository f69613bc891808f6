package probelog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/pialign/pialign/formats/wholefile"
)

// Recovery says what Recover did with a journal.
type Recovery struct {
	Journal, Log string
	Kind         string // "probe", or "hostclock"; empty: not known
	DeviceID     string
	Phase        string
	Rows         int
	Lost         []string // sentences on lines that could not be read
	Finished     bool     // the Parquet file was there before, with every row
	Empty        bool     // nothing had been measured
	Kept         bool     // the journal is still there, since lines of it are damaged

	bad int // damaged lines
}

// Journals returns the paths of the journals in the folder dir, in order of name; of a path that is no folder, itself.
func Journals(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking for journals: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("looking for journals: %w", err)
	}
	var out []string
	for _, e := range entries {
		if isJournalName(e.Name()) && !wholefile.IsTemp(e.Name()) {
			out = append(out, filepath.Join(path, e.Name()))
		}
	}
	return out, nil
}

// Recover makes the Parquet file of a journal that a crash left behind, and removes the journal once all of it can be read
// back. It is whole or nothing, and a second call finds nothing left to do.
//
// The last line may be cut: that exchange had not been written when the program ended, and Lost says so. Other lines that cannot be
// read make it fail with ErrLines, unless salvage is set: then the others become the Parquet file, and the journal stays.
//
// Its errors wrap ErrInUse while a program is writing the journal, or where the file system cannot tell; what Read says of a
// file that is none; and fs.ErrExist if the Parquet file is there but does not have what the journal has. Then nothing has changed.
func Recover(journal string, salvage bool) (Recovery, error) {
	if !isJournalName(journal) {
		return Recovery{Journal: journal}, fmt.Errorf("%s: %w", journal, foreign("its name does not end in %s", journalExt))
	}
	r := Recovery{Journal: journal, Log: strings.TrimSuffix(journal, filepath.Ext(journal)) + parquetExt}
	f, err := os.OpenFile(journal, os.O_RDWR, 0) // some systems lock only what can be written
	if err != nil {
		return r, fmt.Errorf("recovering: %w", err)
	}
	defer f.Close()
	switch err := lock(f); {
	case errors.Is(err, errNoLock):
		return r, fmt.Errorf("%s: cannot tell whether %w (%w): copy the folder to a local disk and recover it there", journal, ErrInUse, err)
	case err != nil:
		return r, fmt.Errorf("%s: %w", journal, err)
	}
	switch err := r.make(salvage); {
	case errors.Is(err, ErrEmpty):
		r.Empty = true
	case err != nil:
		return r, err
	}
	if r.Kept = r.bad > 0; r.Kept {
		return r, nil
	}
	// Windows does not remove what is open. Whoever takes the lock now finds the Parquet file complete.
	if err := f.Close(); err != nil {
		return r, fmt.Errorf("closing %s: %w", journal, err)
	}
	if err := os.Remove(journal); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("removing the journal of %s, which is complete: %w", r.Log, err)
	}
	return r, nil
}

// InUse reports whether a program is writing the journal, as far as the file system can tell; where it cannot, or the journal
// cannot be opened, it may be.
func InUse(journal string) bool {
	f, err := os.OpenFile(journal, os.O_RDWR, 0)
	if err != nil {
		return true
	}
	defer f.Close()
	return lock(f) != nil
}

// make makes the Parquet file, or finds that it is there.
func (r *Recovery) make(salvage bool) error {
	log, err := Read(r.Journal)
	if err == nil {
		r.Kind, r.DeviceID, r.Phase, r.Rows, r.Lost = string(kindProbe), log.Header.DeviceID, log.Header.Phase, len(log.Rows), log.Warnings
		r.bad = log.bad
		return r.finish(salvage, log.Journal,
			func() error { return Write(r.Log, log.Header, log.Rows) },
			func() (bool, error) {
				made, err := Read(r.Log)
				return err == nil && holds(made.Rows, log.Rows), err
			})
	}
	if !errors.Is(err, ErrForeign) {
		return err
	}
	t, clockErr := readTable(r.Journal, kindClock, clockColumns)
	if clockErr != nil {
		if errors.Is(clockErr, ErrForeign) {
			return err
		}
		return clockErr
	}
	r.Kind, r.Phase, r.Rows, r.Lost = string(kindClock), t.header.Phase, len(t.rows), t.warnings
	r.bad = t.bad
	return r.finish(salvage, t.journal,
		func() error { return createParquet(r.Log, t.header, kindClock, clockColumns, t.rows) },
		func() (bool, error) {
			_, made, err := ReadClockLog(r.Log)
			return err == nil && holds(made, t.rows), err
		})
}

// finish writes the Parquet file unless it is there, and checks that it holds what the journal does.
func (r *Recovery) finish(salvage, isJournal bool, write func() error, check func() (bool, error)) error {
	if !isJournal {
		return fmt.Errorf("%s: %w", r.Journal, foreign("it is a Parquet file under the name of a journal: rename it"))
	}
	_, err := os.Lstat(r.Log)
	r.Finished = err == nil
	if !r.Finished {
		if r.bad > 0 && !salvage {
			return fmt.Errorf("%w: %s", ErrLines, r.Lost[0])
		}
		if err := write(); err != nil {
			return err
		}
	}
	same, err := check()
	switch {
	case err != nil && r.Finished:
		return fmt.Errorf("%w, and its journal is still there: move the damaged file away and recover again", err)
	case err != nil:
		return fmt.Errorf("reading back what was recovered from %s: %w", r.Journal, err)
	case !same:
		return fmt.Errorf("%s: %w, and does not hold what %s does: one of the two belongs elsewhere", r.Log, fs.ErrExist, filepath.Base(r.Journal))
	}
	return nil
}

// holds reports whether have is want, perhaps with more after it.
func holds[T any](have, want []T) bool {
	return len(have) >= len(want) && (len(want) == 0 || reflect.DeepEqual(have[:len(want)], want))
}
