package probelog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/pialign/pialign/formats/wholefile"
)

// Session is the logs of one session, of any number of devices.
type Session struct {
	Dir     string // the first folder given, else that of the first log
	Logs    []*Log // by file name, which begins with the time
	Skipped []string

	clocks []clockFile
}

// clockFile is a log of the host's clocks.
type clockFile struct {
	header   Header
	readings []ClockReading
}

// ReadSession reads logs, and all logs in folders (not in folders below). Equal rows of two logs count once.
//
// A folder may hold other files: what is neither a log nor named like one is named in Skipped. But a log that cannot be read is an error,
// as a fit without it would look right; and so is, with ErrConflict, a pair of logs that give different exchanges
// the same session, device, phase and number: nobody knows which one is meant. Logs of the host's clocks
// go with the logs of the same boot; one that cannot be read is named in Skipped. A journal beside its finished log is not read twice.
func ReadSession(paths ...string) (*Session, error) {
	s := &Session{}
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("reading a session: %w", err)
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		if s.Dir == "" {
			s.Dir = path
		}
		found, err := s.list(path)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			log, err := Read(f)
			if errors.Is(err, fs.ErrNotExist) && isJournalName(f) { // finished since the folder was listed
				log, err = Read(strings.TrimSuffix(f, filepath.Ext(f)) + parquetExt)
			}
			switch {
			case err == nil:
				s.Logs = append(s.Logs, log)
			case errors.Is(err, ErrEmpty):
				s.Skipped = append(s.Skipped, err.Error())
			case errors.Is(err, ErrForeign) && !hasLogName(filepath.Base(f)):
				s.Skipped = append(s.Skipped, err.Error())
			default:
				return nil, beside(f, err)
			}
		}
	}
	for _, f := range files {
		log, err := Read(f)
		if err != nil {
			return nil, beside(f, err)
		}
		s.Logs = append(s.Logs, log)
	}
	if s.Dir == "" && len(files) > 0 {
		s.Dir = filepath.Dir(files[0])
	}
	if err := s.dropTwins(); err != nil {
		return nil, err
	}
	sort.SliceStable(s.Logs, func(i, j int) bool { return filepath.Base(s.Logs[i].Path) < filepath.Base(s.Logs[j].Path) })
	if err := s.dropEqual(); err != nil {
		return nil, err
	}
	return s, nil
}

// list returns the files in dir that have the name of a log.
func (s *Session) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading a session: %w", err)
	}
	var out []string
	for _, e := range entries {
		name, path := e.Name(), filepath.Join(dir, e.Name())
		ext := strings.ToLower(filepath.Ext(name))
		isLog := ext == parquetExt || ext == journalExt
		switch info, err := os.Stat(path); { // not e.Info: a link may lead to a log
		case wholefile.IsTemp(name) || name == "alignment" || startedName.MatchString(name):
		case isLog && isClockLog(name):
			s.readClocks(path)
		case errors.Is(err, fs.ErrNotExist) && !isLog: // gone meanwhile, or a link to nothing
		case err != nil:
			return nil, fmt.Errorf("reading a session: %w", err)
		case info.IsDir():
			s.Skipped = append(s.Skipped, path+": a folder")
		case !isLog:
			s.Skipped = append(s.Skipped, path+": not a probe log")
		default:
			out = append(out, path)
		}
	}
	return slices.DeleteFunc(out, func(path string) bool {
		return isJournalName(path) && slices.Contains(out, strings.TrimSuffix(path, filepath.Ext(path))+parquetExt)
	}), nil
}

// readClocks reads a log of the host's clocks, unless it is the journal of one that is finished.
func (s *Session) readClocks(path string) {
	if isJournalName(path) {
		if _, err := os.Stat(strings.TrimSuffix(path, filepath.Ext(path)) + parquetExt); err == nil {
			return
		}
	}
	h, readings, err := ReadClockLog(path)
	if err != nil {
		s.Skipped = append(s.Skipped, err.Error())
		return
	}
	s.clocks = append(s.clocks, clockFile{h, readings})
}

// startedName is that of the file in which the command remembers the recording that a session started.
var startedName = regexp.MustCompile(`^recording_[A-Za-z0-9%-]*\.json$`)

func isJournalName(path string) bool { return strings.EqualFold(filepath.Ext(path), journalExt) }

// logName is what FileName makes.
var logName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z_[A-Za-z0-9%-]*_[A-Za-z0-9%-]*\.`)

// hasLogName reports whether a file is named as a log is: then it has to be one.
func hasLogName(name string) bool { return logName.MatchString(name) }

// IsLogName reports whether a file may be a log by its name. Its content decides.
func IsLogName(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return (ext == parquetExt || ext == journalExt) && !isClockLog(name)
}

// isClockLog tells <UTC>_hostclock from <UTC>_<phase>_hostclock, the log of a device with that id.
func isClockLog(name string) bool {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	return strings.HasSuffix(stem, clockSuffix) && strings.Count(stem, "_") == 1
}

// beside adds to the error of a log that its journal is still there.
func beside(path string, err error) error {
	if strings.EqualFold(filepath.Ext(path), parquetExt) {
		journal := strings.TrimSuffix(path, filepath.Ext(path)) + journalExt
		if _, e := os.Stat(journal); e == nil {
			return fmt.Errorf("%w; its journal %s is still there: move the damaged file away to use that", err, filepath.Base(journal))
		}
	}
	return err
}

// dropTwins leaves out files given twice, and journals beside their finished log.
func (s *Session) dropTwins() error {
	finished := map[string]bool{}
	infos := make([]fs.FileInfo, len(s.Logs))
	for i, log := range s.Logs {
		info, err := os.Stat(log.Path)
		if err != nil {
			return fmt.Errorf("reading a session: %w", err)
		}
		infos[i] = info
		if !log.Journal {
			finished[stemOf(log.Path)] = true
		}
	}
	var kept []*Log
	var keptInfos []fs.FileInfo
logs:
	for i, log := range s.Logs {
		if log.Journal && finished[stemOf(log.Path)] {
			continue
		}
		for _, info := range keptInfos {
			if os.SameFile(info, infos[i]) {
				continue logs
			}
		}
		kept, keptInfos = append(kept, log), append(keptInfos, infos[i])
	}
	s.Logs = kept
	return nil
}

// stemOf returns the absolute path without its extension.
func stemOf(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return strings.TrimSuffix(path, filepath.Ext(path))
}

// rowKey is what makes a row the same.
type rowKey struct {
	session, device, phase string
	seq                    int64
}

func (r Row) key() rowKey { return rowKey{r.Session, r.DeviceID, r.Phase, r.Seq} }

// dropEqual leaves the first of equal rows.
func (s *Session) dropEqual() error {
	type place struct {
		log *Log
		row int
	}
	seen := map[rowKey]place{}
	for _, log := range s.Logs {
		kept := log.Rows[:0:0]
		for i, r := range log.Rows {
			first, twice := seen[r.key()]
			if !twice {
				seen[r.key()] = place{log, len(kept)}
				kept = append(kept, r)
				continue
			}
			other := first.log.Rows
			if first.log == log {
				other = kept
			}
			if other[first.row] != r {
				return fmt.Errorf("%s, row %d, and %s: %w: number %d of phase %q (session %q, device %q). "+
					"Fit one of the two logs alone, or measure under another phase name",
					log.Path, i+1, first.log.Path, ErrConflict, r.Seq, r.Phase, r.Session, r.DeviceID)
			}
		}
		log.Rows = kept
	}
	return nil
}

// NextSeq returns the number after the highest that the logs in dir have for a session, device and phase: 0 for
// the first. A phase that is measured again goes on from there, so that its exchanges are no others' twins.
// A folder that does not exist is empty, and what cannot be read is passed over.
func NextSeq(dir, session, deviceID, phase string) (int64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("reading a session: %w", err)
	}
	next := int64(0)
	for _, e := range entries {
		ext := strings.ToLower(filepath.Ext(e.Name()))
		if ext != parquetExt && ext != journalExt || wholefile.IsTemp(e.Name()) || isClockLog(e.Name()) {
			continue
		}
		log, err := Read(filepath.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		for _, r := range log.Rows {
			if r.Session == session && r.DeviceID == deviceID && r.Phase == phase && r.Seq >= next {
				next = r.Seq + 1
			}
		}
	}
	return next, nil
}
