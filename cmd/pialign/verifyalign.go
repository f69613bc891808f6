package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
)

// alignmentStore is every alignment that was found, or made of a session.
type alignmentStore struct {
	all    []storedAlignment // those that the user named first
	others []string          // files that may be alignments, of which the digests are not wanted: not read yet
}

type storedAlignment struct {
	fitted
	path  string
	named bool
}

// findAlignments reads the alignments that were named, makes those of the session, and looks for others below the inputs and beside
// the re-timed recordings.
func (v *verification) findAlignments(outputs []retimedOutput) (*alignmentStore, error) {
	st := &alignmentStore{}
	for _, p := range v.alignments {
		f, err := readAlignment(p)
		if err != nil {
			return nil, err
		}
		st.add(storedAlignment{f, p, true})
	}
	if v.session != "" {
		all, err := fitSession(v.s.err, []string{v.session}, "", align.Options{})
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			if f.err != nil {
				fmt.Fprintf(v.s.err, "pialign: warning: %v\n", f.err)
				continue
			}
			st.add(storedAlignment{f, v.session, true})
			st.asWritten(f, v.session, outputs)
		}
	}
	near := slices.Clone(v.inputs.json)
	dir := folderOf(v.dir) // one recording, or the folder that holds it
	near = append(near, jsonBeside(dir)...)
	for range 2 {
		dir = filepath.Dir(absolute(dir))
		near = append(near, jsonBeside(dir)...)
	}
	wanted := map[string]bool{}
	for _, o := range outputs {
		if o.manifest != nil {
			for _, r := range o.manifest.Recordings {
				wanted[r.Alignment] = true
			}
		}
	}
	for _, p := range near {
		if !alignmentAt(p) {
			continue
		}
		switch sum, err := digest.File(p, false); {
		case err != nil || st.find(sum) != nil:
		case wanted[sum]:
			st.read(p)
		default:
			st.others = append(st.others, p)
		}
	}
	return st, nil
}

// read adds the alignment at path, unless it is damaged: then it is none that was used.
func (st *alignmentStore) read(path string) {
	if f, err := readAlignment(path); err == nil {
		st.add(storedAlignment{f, path, false})
	}
}

// asWritten adds an alignment of a session as other versions of the program would have named themselves in it.
func (st *alignmentStore) asWritten(f fitted, session string, outputs []retimedOutput) {
	for _, o := range outputs {
		if o.manifest == nil || o.manifest.Program == program {
			continue
		}
		other := *f.file
		other.Program = o.manifest.Program
		b, err := alignfile.Marshal(&other)
		if err != nil {
			continue
		}
		f.file, f.digest = &other, digest.Bytes(b, false)
		st.add(storedAlignment{f, session, false})
	}
}

func (st *alignmentStore) add(a storedAlignment) {
	if st.find(a.digest) == nil {
		st.all = append(st.all, a)
	}
}

// find returns the alignment of that digest, nil if there is none.
func (st *alignmentStore) find(digest string) *storedAlignment {
	for i := range st.all {
		if st.all[i].digest == digest {
			return &st.all[i]
		}
	}
	return nil
}

// instead returns the only other alignment that a recording of the phone may have been re-timed with: a named one before others.
func (st *alignmentStore) instead(device string) *storedAlignment {
	for _, named := range []bool{true, false} {
		if !named {
			for _, p := range st.others {
				st.read(p)
			}
			st.others = nil
		}
		var of []*storedAlignment
		for i := range st.all {
			if a := &st.all[i]; a.named == named && (device == "" || a.device.ID == "" || sameDevice(a.device.ID, device)) {
				of = append(of, a)
			}
		}
		if len(of) > 0 {
			if len(of) == 1 {
				return of[0]
			}
			return nil
		}
	}
	return nil
}

// clocksOf returns the clocks that out was made with. Where another alignment has to do, that is a problem of r.
func (st *alignmentStore) clocksOf(m *retime.Manifest, r *verifyResult) (retime.Clocks, error) {
	if err := checkClock(m.Clock); err != nil {
		return nil, fmt.Errorf("%s: clock %.80q: want wall, monotonic or lsl", retime.ManifestName, m.Clock)
	}
	type key struct{ device, recording string }
	clocks := map[key]retime.Clock{}
	passed := map[key]bool{}
	for _, rec := range m.Recordings {
		if rec.Unaligned {
			passed[key{rec.DeviceID, rec.RecordingID}] = true
			continue
		}
		a := st.find(rec.Alignment)
		if a == nil {
			if a = st.instead(rec.DeviceID); a == nil {
				return nil, withHint(fmt.Errorf("the alignment %.100s of device %.100s was not found", or(rec.Alignment, "unknown"), deviceName(rec.DeviceID)),
					"name it with --alignment FILE; where apply was given a session: --session DIR")
			}
			r.problem("", otherAlignment, "made with the alignment %.100s, which was not found; compared with what %s (%s) gives",
				or(rec.Alignment, "unknown"), a.path, a.digest)
		}
		c := chooseClock(a.fitted, a.path, m.Clock)
		if c.err != nil {
			return nil, c.err
		}
		ambiguous := align.Ambiguity(m.Ambiguous)
		clocks[key{rec.DeviceID, rec.RecordingID}] = retime.Clock{
			New:       func() align.Retimer { return c.retime(ambiguous) },
			NewStream: func(s *align.Sides) (align.Retimer, align.Batch) { return c.streamer(s, ambiguous, new(guess)) },
			Steps:     c.steps, DeviceID: c.deviceID, Digest: rec.Alignment}
	}
	return func(device, recording string) (retime.Clock, error) {
		if passed[key{device, recording}] {
			return retime.Clock{}, retime.ErrUnaligned
		}
		c, ok := clocks[key{device, recording}]
		if !ok {
			return c, fmt.Errorf("%s says nothing of a recording %q of device %s", retime.ManifestName, recording, deviceName(device))
		}
		return c, nil
	}, nil
}

// alignmentAt reports whether the file at path says near its begin that it is an alignment.
func alignmentAt(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	return bytes.Contains(head[:n], []byte(`"pialign"`))
}

// jsonBeside returns what may be alignments in dir, in its alignment folder, in those of the sessions in it, and where batch run keeps them.
func jsonBeside(dir string) (found []string) {
	list := func(dir string) (folders []string) {
		entries, _ := os.ReadDir(dir) // what may not be read is not found
		for _, e := range entries {
			switch p := filepath.Join(dir, e.Name()); {
			case e.IsDir():
				folders = append(folders, p)
			case strings.EqualFold(filepath.Ext(p), ".json"):
				found = append(found, p)
			}
		}
		return folders
	}
	list(batch.AlignmentsPath(dir))
	for _, sub := range list(dir) {
		if filepath.Base(sub) == "alignment" {
			list(sub)
		} else {
			list(filepath.Join(sub, "alignment"))
		}
	}
	return found
}
