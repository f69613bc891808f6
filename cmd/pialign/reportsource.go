package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/cmd/pialign/internal/report"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
)

// collecting puts together what a page shows.
type collecting struct {
	talk   io.Writer
	doc    *report.Document
	names  shownNames
	failed []error
	fits   map[string]fitted // by digest
	limit  time.Duration     // of a study's widths; 0: none
}

// collectReport reads all paths. failed are devices without an alignment: the page says so.
func collectReport(ctx context.Context, talk io.Writer, paths []string, limit time.Duration) (*report.Document, []error, error) {
	c := &collecting{talk: talk, doc: report.NewDocument(program), names: namesOf(paths), fits: map[string]fitted{}, limit: limit}
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if err := c.add(ctx, p); err != nil {
			return nil, nil, err
		}
	}
	c.widths()
	c.doc.Finish()
	return c.doc, c.failed, nil
}

// add looks at what path is by its content.
func (c *collecting) add(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return absent(err, path, []string{path})
	}
	if info.IsDir() {
		switch _, err := batch.Records(path); {
		case err == nil:
			return c.addStudy(ctx, path)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if info.IsDir() || folder.IsZip(path) {
		switch m, err := folder.ReadManifest(path); {
		case err == nil:
			c.addRetimed(path, m)
			return nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, formats.ErrRetimed):
			return err
		}
	}
	if !info.IsDir() {
		if first, err := firstByte(path); err == nil && first == '{' {
			return c.addAlignment(path)
		}
	}
	if info.IsDir() {
		found, err := retimedIn(ctx, path, 0)
		if err == nil && len(found) > 0 {
			for _, sub := range found {
				m, err := folder.ReadManifest(sub)
				if err != nil {
					return err
				}
				c.addRetimed(sub, m)
			}
			return nil
		}
	}
	return c.addSession(path)
}

// addSession fits the devices of a session.
func (c *collecting) addSession(path string) error {
	s, err := readSession(c.talk, path)
	if err != nil {
		if recordingKind(path) != "" {
			return withHint(err, "a report is of what apply or batch run made of it (its --out), of a session, or of an alignment")
		}
		return err
	}
	for _, d := range s.Devices() {
		f := fitDevice(d, align.Options{})
		if f.err != nil {
			c.failed = append(c.failed, f.err)
			c.doc.Alignments = append(c.doc.Alignments, report.Unaligned(c.names.of(path), d.ID, d.Name, c.names.in(f.err.Error())))
			continue
		}
		c.align(c.names.of(path), f, logsOf(d))
	}
	return nil
}

// align adds an alignment. One that is there already is not shown twice; the one with logs is.
func (c *collecting) align(source string, f fitted, logs *report.Logs) {
	c.fits[f.digest] = f
	a := report.NewAlignment(source, f.digest, f.file, reportWidths(f.file.Alignment), recipeOf(f.file.Alignment) != "", logs)
	for i, other := range c.doc.Alignments {
		if other.Digest == a.Digest && a.Digest != "" {
			if a.LogsRead && !other.LogsRead {
				c.doc.Alignments[i] = a
			}
			return
		}
	}
	c.doc.Alignments = append(c.doc.Alignments, a)
}

func reportWidths(a *align.Alignment) report.Widths {
	w := widthsInside(a)
	return report.Widths{Likely: (*report.Number)(w.likely), Stat: (*report.Number)(w.stat), Bound: (*report.Number)(w.bound)}
}

func logsOf(d probelog.Device) *report.Logs {
	logs := &report.Logs{Samples: d.Samples()}
	clocks, begun := d.Options().HostClock, 0
	for _, l := range d.Logs {
		if l.Header.Clock != (align.HostReading{}) {
			begun++
		}
		for _, r := range l.Rows {
			if r.DeviceID == d.ID && !r.Answered() {
				logs.Unanswered++
			}
		}
	}
	if len(clocks) > begun { // more than what each log begins with
		logs.Clocks = clocks
	}
	return logs
}

// addAlignment shows an alignment file, with its logs where they lie as fit left them.
func (c *collecting) addAlignment(path string) error {
	f, err := readAlignment(path)
	if err != nil {
		return err
	}
	c.align(c.names.of(path), f, c.logsBeside(path, f.file))
	return nil
}

// logsBeside returns the logs of an alignment that lies in SESSION/alignment, nil where they are not there or are others by now.
func (c *collecting) logsBeside(path string, f *alignfile.File) *report.Logs {
	dir := filepath.Dir(filepath.Dir(path))
	if !filepath.IsAbs(path) && filepath.Dir(path) == "." {
		dir = ".."
	}
	if len(f.Logs) == 0 {
		return nil
	}
	var paths []string
	for _, l := range f.Logs {
		p := filepath.Join(dir, filepath.Base(l.Name))
		if _, err := os.Stat(p); err != nil {
			return nil
		}
		if sum, err := digest.File(p, strings.HasPrefix(l.Digest, "sha256:")); err != nil || sum != l.Digest {
			fmt.Fprintf(c.talk, "pialign: warning: %s: %s is not what it was when this was fitted: no residuals\n", path, p)
			c.doc.Notes = append(c.doc.Notes, fmt.Sprintf("%s was changed since %s was fitted to it: its exchanges are not shown.", filepath.Base(p), c.names.of(path)))
			return nil
		}
		paths = append(paths, p)
	}
	s, err := probelog.ReadSession(paths...)
	if err != nil {
		fmt.Fprintf(c.talk, "pialign: warning: %v: no residuals\n", err)
		return nil
	}
	devices := s.Devices()
	i := slices.IndexFunc(devices, func(d probelog.Device) bool { return d.ID == f.Device.ID })
	if i < 0 {
		return nil
	}
	logs := logsOf(devices[i])
	logs.Clocks = clocksBeside(dir, devices[i])
	return logs
}

// clocksBeside returns what logs of the computer's clocks in dir hold, of the computer and boot that measured d. They are drawn, and count for nothing else: one
// that cannot be read is passed over.
func clocksBeside(dir string, d probelog.Device) (out []align.HostReading) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "_hostclock.parquet") {
			continue
		}
		h, readings, err := probelog.ReadClockLog(filepath.Join(dir, e.Name()))
		if err != nil || len(d.Logs) == 0 || h.Host != d.Logs[0].Header.Host || h.Boot != d.Logs[0].Header.Boot {
			continue
		}
		for _, r := range readings {
			out = append(out, align.HostReading{Wall: r.Wall, Mono: r.Mono, Raw: r.Raw})
		}
	}
	if out != nil { // as of a session, with what each log begins with
		out = append(d.Options().HostClock, out...)
	}
	return out
}

// addRetimed says what was done to a recording.
func (c *collecting) addRetimed(path string, m *retime.Manifest) {
	r := report.Retimed{Source: c.names.of(path), Program: m.Program, Clock: m.Clock, Mode: string(m.Mode), Ambiguous: m.Ambiguous}
	for _, rec := range m.Recordings {
		one := report.RetimedRecording{Name: rec.Name, DeviceID: rec.DeviceID, Alignment: rec.Alignment, Streams: report.StreamsOf(rec.Streams)}
		if rec.First != 0 || rec.Last != 0 {
			one.SetSpan(rec.First, rec.Last)
		}
		r.Recordings = append(r.Recordings, one)
		c.findAlignment(path, rec.Alignment)
	}
	for _, f := range m.Files {
		r.Files = append(r.Files, report.RetimedFile{Name: f.Name, Action: f.Action, Columns: f.Columns, Rows: f.Rows})
	}
	for _, f := range m.Refused {
		r.Refused = append(r.Refused, f.Name)
	}
	c.doc.Retimed = append(c.doc.Retimed, r)
}

// findAlignment adds the alignment of that digest, where the recording lies in the results of batch run.
func (c *collecting) findAlignment(path, sum string) {
	if !digest.Valid(sum) {
		return
	}
	if abs, err := filepath.Abs(path); err == nil {
		for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
			if _, err := os.Stat(batch.AlignmentsPath(dir)); err == nil {
				p := batch.AlignmentPath(dir, sum)
				if f, err := readAlignment(p); err == nil && f.digest == sum {
					c.align(filepath.Base(p), f, nil)
				}
				return
			}
			if dir == filepath.Dir(dir) {
				return
			}
		}
	}
}

// addStudy shows a folder of results.
func (c *collecting) addStudy(ctx context.Context, path string) error {
	m := &merging{mergeOptions: mergeOptions{out: path, maxError: c.limit}, talk: c.talk, named: map[string]bool{}}
	if err := m.read(ctx); err != nil {
		return err
	}
	c.doc.Studies = append(c.doc.Studies, report.NewStudy(c.names.of(path), m.rows, c.limit, program))
	return nil
}
