package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// ErrNoTables: nothing in the folder is a table of Pupil Cloud.
var ErrNoTables = errors.New("no table of Pupil Cloud")

// Recording is a folder of Pupil Cloud tables: one recording, or a download around several.
type Recording struct {
	folder.Passes // Check and Retime
	root          string
	tree          *folder.Tree
	sectioned     map[string]bool             // folders whose tables are made of sections of recordings, one after the other
	kinds         map[string]kind             // of the tables that are more than times and values, by file name
	infos         map[string]*info            // by folder
	devices       map[string]string           // device id by recording id, as the infos say
	ids           []string                    // recording ids seen by Open, sorted
	seen          map[string]align.DeviceTime // by recording id, "" for none: the first time of a row that no info.json speaks for
}

// Open lists the folder root and reads every info.json in it. It looks at the tables only as far as their first rows.
func Open(root string) (*Recording, error) {
	t, err := folder.Walk(root)
	if err != nil {
		return nil, err
	}
	return OpenTree(root, t)
}

// OpenTree is Open of a folder that was walked already.
func OpenTree(root string, t *folder.Tree) (*Recording, error) {
	r := &Recording{root: root, tree: t, kinds: map[string]kind{}, sectioned: map[string]bool{}, infos: map[string]*info{}, devices: map[string]string{}, seen: map[string]align.DeviceTime{}}
	r.Passes = r.pass
	folders := map[string]bool{} // with a table of Pupil Cloud
	for _, f := range t.Files {
		if _, ok := tables[f.Base()]; ok {
			folders[f.Dir()] = true
		}
		if f.Base() == sectionsName || f.Base() == enrichmentName {
			r.sectioned[f.Dir()] = true
		}
	}
	if len(folders) == 0 {
		return nil, fmt.Errorf("%s: %w", root, ErrNoTables)
	}
	infos, err := readInfos(t, folders)
	if err != nil {
		return nil, err
	}
	for _, in := range infos {
		if err := r.addInfo(in); err != nil {
			return nil, err
		}
	}
	if err := r.findKinds(); err != nil {
		return nil, err
	}
	for _, f := range t.Files { // an info.json without its recording's id: the rows beside it say it
		if in := r.scope(f); in != nil && in.RecordingID == "" && isTable(f.Base()) {
			err := eachID(f, func(id string, keyed bool, _ align.DeviceTime) bool {
				in.RecordingID = id
				return keyed && id == ""
			})
			if err == nil && in.RecordingID != "" {
				err = r.claim(in)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if err := r.findIDs(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Recording) addInfo(in *info) error {
	if other, ok := r.infos[in.file.Dir()]; ok {
		return fmt.Errorf("%s and %s: %w: two of them in one folder", other.file.Path, in.file.Path, infojson.ErrInfo)
	}
	r.infos[in.file.Dir()] = in
	if in.RecordingID == "" {
		return nil
	}
	return r.claim(in)
}

// claim notes whose recording it is. The same recording twice is fine, unless the two disagree.
func (r *Recording) claim(in *info) error {
	if id, ok := r.devices[in.RecordingID]; ok && id != in.DeviceID {
		return fmt.Errorf("%s: %w: recording %s is of phone %q here, and of phone %q in another folder",
			in.file.Path, infojson.ErrInfo, in.RecordingID, in.DeviceID, id)
	}
	r.devices[in.RecordingID] = in.DeviceID
	return nil
}

// findIDs collects the recordings that tables without an info.json speak of: all of those with sections, else the first row.
// A table that cannot be read says so in Check.
func (r *Recording) findIDs() error {
	ids := map[string]bool{}
	for id := range r.devices {
		ids[id] = true
	}
	for _, f := range r.tree.Files {
		if !isTable(f.Base()) || r.scope(f) != nil && r.kinds[f.Name] != sectionsTable {
			continue
		}
		err := eachID(f, func(id string, keyed bool, at align.DeviceTime) bool {
			if first, ok := r.seen[id]; !ok || at < first {
				r.seen[id] = at
			}
			if id == "" {
				return keyed
			}
			ids[id] = true
			return r.kinds[f.Name] == sectionsTable && len(ids) < maxRecordings
		})
		if errors.Is(err, retime.ErrRetimed) {
			return err
		}
	}
	r.ids = slices.Sorted(maps.Keys(ids))
	return nil
}

// eachID calls each with the recording id of the rows of a table, whether there is a column for it, and the first time, until it
// answers false.
func eachID(f file, each func(id string, keyed bool, at align.DeviceTime) bool) error {
	stop := errors.New("seen enough")
	keyed := false
	in, err := folder.Open(f)
	if err != nil {
		return err
	}
	defer in.Close()
	t := retime.Table{
		Name: f.Path,
		Plan: func(header []string) (retime.Plan, error) {
			cols := retime.Find(header)
			if cols.Retimed != "" {
				return retime.Plan{}, alreadyRetimed(f, cols.Retimed)
			}
			key, err := retime.Index(header, recordingID)
			if err != nil || len(cols.Times) == 0 {
				return retime.Plan{}, err
			}
			keyed = key >= 0
			return retime.Plan{Times: cols.Times[:1], Key: key}, nil
		},
		Map: func(c *retime.Cell) error {
			if !each(string(c.Key), keyed, c.At) {
				return stop
			}
			return nil
		},
	}
	if _, err := t.Rewrite(context.Background(), nil, in); err != nil && !errors.Is(err, stop) {
		return in.Blame(err)
	}
	return nil
}

func alreadyRetimed(f file, column string) error {
	return fmt.Errorf("%s: column %q: %w; give the folder as it was downloaded", f.Path, column, retime.ErrRetimed)
}

// scope returns the info.json that speaks for f: of its folder or the nearest one above. Nil if there is none.
func (r *Recording) scope(f file) *info {
	for dir := f.Dir(); ; dir = path.Dir(dir) {
		if in := r.infos[dir]; in != nil {
			return in
		}
		if dir == "." {
			return nil
		}
	}
}

// Kind says what the folder is, or the zip.
func (r *Recording) Kind() string {
	if r.tree.Zipped() {
		return r.kind() + ", zipped"
	}
	return r.kind()
}

func (r *Recording) kind() string {
	switch n := len(r.infos); {
	case n == 1 && r.infos["."] != nil:
		return "Pupil Cloud recording"
	case n == 1:
		return "Pupil Cloud download with 1 recording"
	case n > 1:
		return fmt.Sprintf("Pupil Cloud download with %d recordings", n)
	}
	if slices.ContainsFunc(r.tree.Files, func(f file) bool { return r.kinds[f.Name] == sectionsTable }) {
		return "Pupil Cloud enrichment"
	}
	return "Pupil Cloud tables without info.json"
}

// Name returns the base name of the folder, also where it was given as ".".
func (r *Recording) Name() string { return folder.Name(r.root) }

// Size returns how many bytes its files have together.
func (r *Recording) Size() int64 { return r.tree.Size() }

// BytesRead returns how many bytes of them were read so far, or need not be; it may be asked at any time.
func (r *Recording) BytesRead() int64 { return r.tree.BytesRead() }

// DeviceIDs returns the phones that the infos name, sorted.
func (r *Recording) DeviceIDs() []string {
	var ids []string
	for _, in := range r.infos {
		if in.DeviceID != "" {
			ids = append(ids, in.DeviceID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// RecordingIDs returns the recordings in the folder, sorted.
func (r *Recording) RecordingIDs() []string { return slices.Clone(r.ids) }

// Parts returns the recordings in the folder.
func (r *Recording) Parts() []retime.Part {
	var parts []retime.Part
	told := map[string]bool{}
	for _, dir := range slices.Sorted(maps.Keys(r.infos)) {
		in := r.infos[dir]
		p := retime.Part{Name: dir, DeviceID: in.DeviceID, RecordingID: in.RecordingID, Serials: in.Serials, First: in.Start, Last: in.End()}
		if dir == "." {
			p.Name = r.Name()
		}
		told[in.RecordingID] = true
		parts = append(parts, p)
	}
	for _, id := range r.ids {
		if !told[id] {
			parts = append(parts, retime.Part{Name: id, RecordingID: id, First: r.seen[id], Last: r.seen[id]})
		}
	}
	if len(parts) == 0 {
		parts = append(parts, retime.Part{Name: r.Name(), First: r.seen[""], Last: r.seen[""]})
	}
	return parts
}

// pass begins one pass over the recording.
func (r *Recording) pass(ctx context.Context, clocks retime.Clocks, opt retime.Options) (folder.Pass, error) {
	u, err := r.begin(ctx, clocks, opt)
	if err != nil {
		return folder.Pass{}, err
	}
	return folder.Pass{Root: u.root, Tree: u.tree, Target: &u.target, Options: u.opt, Verdict: u.verdict, Scan: u.scan, Report: u.report}, nil
}
