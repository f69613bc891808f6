package main

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// comparison is between a re-timed recording and what deriving it again gave.
type comparison struct {
	r     *verifyResult
	have  *retime.Manifest  // what its pialign.json says
	sums  map[string]string // the digests of its files
	about string            // the name of its pialign.json

	told map[string]bool // files of which something was said
}

// files compares all files but pialign.json. Where an original has changed, that is what is wrong.
func (c *comparison) files(report *retime.Report) {
	c.told = map[string]bool{}
	was := byName(c.have.Files)
	again := map[string]bool{}
	for _, f := range report.Files {
		if f.Action == retime.LeftOut {
			continue
		}
		again[f.Name] = true
		sum, here := c.sums[f.Name]
		old, known := was[f.Name]
		switch {
		case !known && !here:
			c.tell(f.Name, inputAdded, "is not here: the original has got it since it was re-timed")
		case !known:
			if sum != f.Output {
				c.tell(f.Name, fileDiffers, "differs from what its original and the alignment give, and pialign.json does not name it")
			}
		case old.Input != f.Input && here && sum == old.Output:
			c.tell(f.Name, inputChanged, "its original has changed since it was re-timed: its digest was %.80s, now it is %s", old.Input, f.Input)
		case !here:
			c.tell(f.Name, fileMissing, "is missing")
		case sum != f.Output:
			c.tell(f.Name, fileDiffers, "differs from what its original and the alignment give: its digest is %s, expected %s", sum, f.Output)
		}
	}
	for _, f := range c.have.Files {
		if again[f.Name] {
			continue
		}
		if _, here := c.sums[f.Name]; here {
			c.tell(f.Name, inputMissing, "its original is no longer there")
		} else {
			c.tell(f.Name, fileMissing, "is missing, and so is its original")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.sums)) {
		if _, known := was[name]; !known && !again[name] && !folder.Litter(path.Base(name)) {
			c.tell(name, fileAdditional, "was added: re-timing did not make it")
		}
	}
}

func (c *comparison) tell(name, kind, format string, args ...any) {
	c.told[name] = true
	c.r.problem(name, kind, format, args...)
}

// manifest compares pialign.json. By another version of the program its text may be another, but what it says may not.
func (c *comparison) manifest(have []byte, want *retime.Manifest) {
	before := len(c.r.Problems)
	for _, d := range c.differences(want) {
		c.r.problem(c.about, fileDiffers, "%s", d)
	}
	if len(c.r.Problems) > before || len(c.told) > 0 || c.have.Program != program {
		return
	}
	if b, err := want.Marshal(); err != nil || !bytes.Equal(b, have) {
		c.r.problem(c.about, fileDiffers, "is not written as pialign writes it")
	}
}

// differences returns in what the manifest says something else than want, leaving out files of which something was said.
func (c *comparison) differences(want *retime.Manifest) (out []string) {
	differ := func(what string, have, want any) {
		if have != want {
			out = append(out, fmt.Sprintf("says %s is %.80q, expected %q", what, fmt.Sprint(have), fmt.Sprint(want)))
		}
	}
	differ("mode", c.have.Mode, want.Mode)
	differ("clock", c.have.Clock, want.Clock)
	differ("the number of recordings", len(c.have.Recordings), len(want.Recordings))
	for i := range min(len(c.have.Recordings), len(want.Recordings)) {
		h, w := c.have.Recordings[i], want.Recordings[i]
		what := fmt.Sprintf("of recording %d the ", i+1)
		differ(what+"name", h.Name, w.Name)
		differ(what+"recording_id", h.RecordingID, w.RecordingID)
		differ(what+"device_id", h.DeviceID, w.DeviceID)
		differ(what+"alignment", h.Alignment, w.Alignment)
		differ(what+"number of sender-stamped events", h.Sender, w.Sender)
	}
	files, refused := byName(c.have.Files), byName(c.have.Refused)
	for _, w := range want.Files {
		h, ok := files[w.Name]
		switch {
		case c.told[w.Name]:
		case !ok:
			out = append(out, fmt.Sprintf("does not name %s", w.Name))
		default:
			what := "of " + w.Name + " the "
			differ(what+"action", h.Action, w.Action)
			differ(what+"original", h.Original, w.Original)
			differ(what+"rows", h.Rows, w.Rows)
			differ(what+"columns", fmt.Sprint(h.Columns), fmt.Sprint(w.Columns))
			differ(what+"digest of the original", h.Input, w.Input)
			differ(what+"digest", h.Output, w.Output)
		}
	}
	for _, w := range want.Refused {
		if h, ok := refused[w.Name]; !ok || h.Action != w.Action {
			out = append(out, fmt.Sprintf("does not say that %s of the original is left out", w.Name))
		}
		delete(refused, w.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		out = append(out, fmt.Sprintf("says that %.200q of the original is left out, and there is none", name))
	}
	return out
}

// compareWithManifest is for what cannot be derived again: the files at least must be those that pialign.json names.
func compareWithManifest(r *verifyResult, m *retime.Manifest, sums map[string]string) {
	was := byName(m.Files)
	for _, f := range m.Files {
		switch sum, here := sums[f.Name]; {
		case !here:
			r.problem(f.Name, fileMissing, "is missing")
		case sum != f.Output:
			r.problem(f.Name, fileDiffers, "differs from what pialign.json says: its digest is %s, expected %.80s", sum, f.Output)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		if _, known := was[name]; !known && !folder.Litter(path.Base(name)) {
			r.problem(name, fileAdditional, "was added: pialign.json does not name it")
		}
	}
}

func byName(files []retime.ManifestFile) map[string]retime.ManifestFile {
	out := make(map[string]retime.ManifestFile, len(files))
	for _, f := range files {
		out[f.Name] = f
	}
	return out
}
