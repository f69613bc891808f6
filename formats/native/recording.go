package native

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// ErrNone: nothing in the folder is a file of the phone with times in it.
var ErrNone = errors.New("no file of the phone")

// Recording is a folder of the phone's files: one recording, or a download around several.
type Recording struct {
	folder.Passes // Check and Retime
	root          string
	tree          *folder.Tree
	ones          []*one // sorted by folder
}

// one is one recording: a folder with info.json and streams in it.
type one struct {
	dir   string
	file  folder.File // info.json
	info  *infojson.Info
	files map[string]folder.File // by name in lower case, those directly in dir
}

// Open lists the folder root and reads every info.json beside files of the phone. Nothing else is read.
func Open(root string) (*Recording, error) {
	t, err := folder.Walk(root)
	if err != nil {
		return nil, err
	}
	return OpenTree(root, t)
}

// OpenTree is Open of a folder that was walked already.
func OpenTree(root string, t *folder.Tree) (*Recording, error) {
	r := &Recording{root: root, tree: t}
	r.Passes = r.pass
	byDir := map[string]*one{}
	for _, f := range t.Files {
		if Is(f.Base()) && byDir[f.Dir()] == nil {
			o := &one{dir: f.Dir(), files: map[string]folder.File{}}
			byDir[o.dir] = o
			r.ones = append(r.ones, o)
		}
	}
	if len(r.ones) == 0 {
		return nil, fmt.Errorf("%s: %w", root, ErrNone)
	}
	if err := r.mixed(); err != nil {
		return nil, err
	}
	slices.SortFunc(r.ones, func(a, b *one) int { return strings.Compare(a.dir, b.dir) })
	for _, f := range t.Files {
		o := byDir[f.Dir()]
		if o == nil {
			continue
		}
		if other, ok := o.files[f.Base()]; ok {
			return nil, fmt.Errorf("%s and %s: %w: their names differ only in case", other.Path, f.Path, folder.ErrTree)
		}
		o.files[f.Base()] = f
	}
	devices := map[string]*one{}
	for _, o := range r.ones {
		if err := o.readInfo(); err != nil {
			return nil, err
		}
		id := o.info.RecordingID
		if other := devices[id]; id != "" && other != nil && other.info.DeviceID != o.info.DeviceID {
			return nil, fmt.Errorf("%s: %w: recording %s is of phone %q here, and of phone %q in another folder",
				o.file.Path, infojson.ErrInfo, id, o.info.DeviceID, other.info.DeviceID)
		}
		devices[id] = o
	}
	return r, nil
}

// readInfo reads the info.json of a recording, without which nothing says whose it is and when it was.
func (o *one) readInfo() error {
	f, ok := o.files[infojson.Name]
	if !ok {
		first := ""
		for name, f := range o.files {
			if Is(name) && (first == "" || f.Path < first) {
				first = f.Path
			}
		}
		return fmt.Errorf("%s: %w: no info.json beside it, which says whose recording it is and when it began; "+
			"copy the whole folder from the phone again", first, infojson.ErrInfo)
	}
	b, err := folder.Small(f, infojson.MaxSize)
	if err != nil {
		return err
	}
	in, err := infojson.Parse(b)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	if !retime.WholeMS(in.Start) {
		return &retime.NotPhoneError{File: f.Path, What: infojson.StartTime, At: in.Start}
	}
	o.file, o.info = f, in
	return nil
}

// mixed refuses tables with times among the phone's files, as pl-rec-export puts them there.
func (r *Recording) mixed() error {
	isTable := func(f folder.File) bool { return path.Ext(f.Base()) == ".csv" }
	r.tree.ReadHeaders(isTable)
	for _, f := range r.tree.Files {
		if !isTable(f) {
			continue
		}
		header, err := r.tree.Header(f)
		if err != nil && !errors.Is(err, retime.ErrTable) {
			return err
		}
		if cols := retime.Find(header); len(cols.Times) > 0 {
			return fmt.Errorf("%s: %w (%s): move it into a folder of its own, and give each by itself", f.Path, ErrMixed, r.sample())
		}
	}
	return nil
}

// sample names a file of the phone.
func (r *Recording) sample() string {
	for _, f := range r.tree.Files {
		if Is(f.Base()) {
			return f.Name
		}
	}
	return ""
}

// Kind says what the folder is, or the zip.
func (r *Recording) Kind() string {
	families := map[string]bool{}
	for _, o := range r.ones {
		families[o.family()] = true
	}
	family := either
	if len(families) == 1 {
		family = r.ones[0].family()
	}
	switch n := len(r.ones); {
	case n == 1 && r.ones[0].dir == ".":
		return family + " recording, the phone's own files"
	case n == 1:
		return "folder with 1 " + family + " recording, the phone's own files"
	default:
		return fmt.Sprintf("folder with %d %s recordings, the phone's own files", n, family)
	}
}

// The families of glasses, by the version of their files.
const (
	invisible = "Pupil Invisible"
	neon      = "Neon"
	either    = "Pupil Invisible or Neon"
)

func (o *one) family() string {
	switch {
	case strings.HasPrefix(o.info.Format, "1."):
		return invisible
	case strings.HasPrefix(o.info.Format, "2."):
		return neon
	}
	return either
}

// Name returns the base name of the folder, also where it was given as ".".
func (r *Recording) Name() string { return folder.Name(r.root) }

// Size returns how many bytes its files have together.
func (r *Recording) Size() int64 { return r.tree.Size() }

// BytesRead returns how many bytes of them were read so far, or need not be; it may be asked at any time.
func (r *Recording) BytesRead() int64 { return r.tree.BytesRead() }

// DeviceIDs returns the phones that the infos name, sorted.
func (r *Recording) DeviceIDs() []string {
	return r.each(func(in *infojson.Info) string { return in.DeviceID })
}

// RecordingIDs returns the recordings in the folder, sorted.
func (r *Recording) RecordingIDs() []string {
	return r.each(func(in *infojson.Info) string { return in.RecordingID })
}

// Parts returns the recordings in the folder.
func (r *Recording) Parts() []retime.Part {
	var parts []retime.Part
	for _, o := range r.ones {
		parts = append(parts, retime.Part{Name: o.name(r), DeviceID: o.info.DeviceID, RecordingID: o.info.RecordingID, Serials: o.info.Serials, First: o.info.Start, Last: o.info.End()})
	}
	return parts
}

// name is that of its folder.
func (o *one) name(r *Recording) string {
	if o.dir == "." {
		return r.Name()
	}
	return o.dir
}

func (r *Recording) each(of func(*infojson.Info) string) []string {
	var ids []string
	for _, o := range r.ones {
		if id := of(o.info); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// pass begins one pass over the recording.
func (r *Recording) pass(ctx context.Context, clocks retime.Clocks, opt retime.Options) (folder.Pass, error) {
	u, err := r.begin(ctx, clocks, opt)
	if err != nil {
		return folder.Pass{}, err
	}
	return folder.Pass{Root: u.root, Tree: u.tree, Target: &u.target, Options: u.opt, Verdict: u.verdict, Scan: u.scan, Report: u.report}, nil
}
