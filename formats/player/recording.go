package player

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// Recording is a folder of Pupil Player or Neon Player: a recording with its exports, exports alone, or several recordings.
type Recording struct {
	folder.Passes // Check and Retime
	root          string
	tree          *folder.Tree
	scopes        []*scope
}

// Open lists the folder root and reads its info files. ErrForeign says that there is nothing of this package.
func Open(root string) (*Recording, error) {
	t, err := folder.Walk(root)
	if err != nil {
		return nil, err
	}
	return OpenTree(root, t)
}

// OpenTree is Open of a folder that was walked already.
func OpenTree(root string, t *folder.Tree) (*Recording, error) {
	if !isIn(t) {
		return nil, fmt.Errorf("%s: %w", root, ErrForeign)
	}
	r := &Recording{root: root, tree: t}
	r.Passes = r.pass
	var err error
	if r.scopes, err = findScopes(root, t); err != nil {
		return nil, err
	}
	return r, nil
}

// Kind says what the folder is, or the zip.
func (r *Recording) Kind() string {
	if r.tree.Zipped() {
		return r.kind() + ", zipped"
	}
	return r.kind()
}

func (r *Recording) kind() string {
	opened := 0
	for _, s := range r.scopes {
		if s.opened() {
			opened++
		}
	}
	switch {
	case opened == 1:
		return "Pupil Invisible recording opened in Pupil Player"
	case opened > 1:
		return fmt.Sprintf("%d Pupil Invisible recordings opened in Pupil Player", opened)
	case slices.ContainsFunc(r.tree.Files, r.inSeconds):
		return "export of Pupil Player"
	}
	return "export of Neon Player"
}

func (r *Recording) inSeconds(f folder.File) bool {
	if strings.HasSuffix(f.Base(), ".npy") {
		return true
	}
	if !strings.HasSuffix(f.Base(), ".csv") {
		return false
	}
	header, err := r.tree.Header(f)
	if err != nil {
		return false
	}
	kind, _, err := judge(header)
	return err == nil && kind == inSeconds
}

// Name returns the base name of the folder, also where it was given as ".".
func (r *Recording) Name() string { return folder.Name(r.root) }

// Size returns how many bytes its files have together.
func (r *Recording) Size() int64 { return r.tree.Size() }

// BytesRead returns how many bytes of them were read so far, or need not be; it may be asked at any time.
func (r *Recording) BytesRead() int64 { return r.tree.BytesRead() }

// DeviceIDs returns the phones that the info files name, sorted.
func (r *Recording) DeviceIDs() []string {
	var ids []string
	for _, s := range r.scopes {
		if s.info != nil && s.info.DeviceID != "" {
			ids = append(ids, s.info.DeviceID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// RecordingIDs returns the recordings in the folder, sorted.
func (r *Recording) RecordingIDs() []string {
	var ids []string
	for _, s := range r.scopes {
		if id := r.idOf(s); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Parts returns the recordings in the folder.
func (r *Recording) Parts() []retime.Part {
	var parts []retime.Part
	for _, s := range r.scopes {
		p := retime.Part{Name: s.name(r), RecordingID: r.idOf(s)}
		if s.info != nil {
			p.DeviceID, p.Serials, p.First, p.Last = s.info.DeviceID, s.info.Serials, s.info.Start, s.info.End()
		}
		parts = append(parts, p)
	}
	return parts
}

// name is that of its folder.
func (s *scope) name(r *Recording) string {
	if s.dir == "." {
		return r.Name()
	}
	return s.dir
}

// idOf returns the id of a recording: of its info file, else of the first row that says it.
func (r *Recording) idOf(s *scope) string {
	if s.info != nil {
		return s.info.RecordingID
	}
	stop := errors.New("seen enough")
	for _, f := range r.tree.Files {
		if !strings.HasSuffix(f.Base(), ".csv") || r.scopeOf(f) != s {
			continue
		}
		header, err := r.tree.Header(f)
		if err != nil {
			continue
		}
		kind, times, err := judge(header)
		key, bad := retime.Index(header, recordingID)
		if err != nil || bad != nil || key < 0 || kind != inNs {
			continue
		}
		in, err := folder.Open(f)
		if err != nil {
			continue
		}
		id := ""
		t := retime.Table{Name: f.Path, Plan: func([]string) (retime.Plan, error) { return retime.Plan{Times: times[:1], Key: key}, nil }}
		t.Map = func(c *retime.Cell) error {
			id = string(c.Key)
			return stop
		}
		_, _ = t.Rewrite(context.Background(), nil, in)
		in.Close()
		if id != "" {
			return id
		}
	}
	return ""
}

// pass begins one pass over the recording.
func (r *Recording) pass(ctx context.Context, clocks retime.Clocks, opt retime.Options) (folder.Pass, error) {
	u, err := r.begin(ctx, clocks, opt)
	if err != nil {
		return folder.Pass{}, err
	}
	tree := *u.tree
	tree.Folders = slices.DeleteFunc(slices.Clone(tree.Folders), inCache)
	return folder.Pass{Root: u.root, Tree: &tree, Target: &u.target, Options: u.opt, Verdict: u.verdict, Scan: u.scan, Report: u.report}, nil
}
