package cloud

import (
	"context"
	"fmt"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// run is one Check or Retime.
type run struct {
	*Recording
	ctx    context.Context
	opt    retime.Options
	clocks retime.Asking

	groups  map[string]*group
	order   []*group // as they were met
	senders int
	scanned map[string]*scanned // by file name
	sums    map[string]string   // digests of the tables that bounds has read, by file name
	loose   []string            // warnings that belong to no recording

	target   folder.Target // nowhere for a Check
	parallel bool          // files are worked off at the same time: no recording may be added or placed
}

// stream returns a Retimer for one column of one recording.
func (u *run) stream(g *group) align.Retimer {
	return u.clocks.Retimer(g.clock)
}

// begin places every recording in time and asks for its clock.
func (r *Recording) begin(ctx context.Context, clocks retime.Clocks, opt retime.Options) (*run, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	u := &run{Recording: r, ctx: ctx, opt: opt, clocks: retime.Asking{Clocks: clocks, Options: opt, Blanks: true}, loose: r.tree.Interrupted(),
		groups: map[string]*group{}, scanned: map[string]*scanned{}, target: folder.Target{SHA256: opt.SHA256}, sums: map[string]string{}}
	for _, f := range r.tree.Files {
		if in := r.infos[f.Dir()]; in != nil && in.file.Name == f.Name {
			g, err := u.group(in, in.RecordingID)
			if err != nil {
				return nil, err
			}
			last := in.End()
			if last > in.Start {
				g.End, g.Ended = last, true
			}
			g.about(in.Start, last)
			g.Begin, g.Begun = in.Start, true
		}
	}
	if err := u.bounds(); err != nil {
		return nil, err
	}
	for _, g := range u.order {
		if g.known {
			u.clocks.Begins(g.name, g.clock, g.first)
		}
	}
	return u, u.clocks.Beyond()
}

// groupKey is the recording's id, or its folder where it has none.
func groupKey(scope *info, id string) string {
	if id == "" && scope != nil {
		return "in " + scope.file.Dir()
	}
	return "id " + id
}

// group returns the recording of that id, or the one that scope speaks of where the id is "".
func (u *run) group(scope *info, id string) (*group, error) {
	key := groupKey(scope, id)
	if g := u.groups[key]; g != nil {
		return g, nil
	}
	if u.parallel {
		return nil, errInTurn
	}
	if len(u.order) == maxRecordings {
		return nil, fmt.Errorf("%w: more than %d recordings", folder.ErrTree, maxRecordings)
	}
	g := &group{id: id, name: id, scope: scope, stamped: map[align.DeviceTime]bool{}}
	switch {
	case scope != nil && scope.file.Dir() != ".":
		g.name = scope.file.Dir()
	case scope != nil || id == "":
		g.name = u.Name()
	}
	g.clock = u.clocks.Clock(g.name, g.device(u.Recording), id)
	u.groups[key] = g
	u.order = append(u.order, g)
	return g, nil
}

// only returns the recording of a table that does not say which: the single one that the folder knows.
func (u *run) only() (*group, error) {
	switch ids := u.ids; {
	case len(u.infos) == 0 && len(ids) == 0:
		return u.group(nil, "")
	case len(u.infos) == 0 && len(ids) == 1:
		return u.group(nil, ids[0])
	case len(u.infos) == 1 && len(ids) <= 1:
		for _, in := range u.infos {
			return u.group(in, in.RecordingID)
		}
	}
	return nil, fmt.Errorf("%w: no column %q says which of the recordings it is", retime.ErrColumn, recordingID)
}

// pick returns the recording that a row belongs to. An info.json beside the table must agree.
func (u *run) pick(scope *info, keyed bool, key []byte) (*group, error) {
	switch {
	case scope != nil && keyed && len(key) > 0 && scope.RecordingID != "" && string(key) != scope.RecordingID:
		return nil, fmt.Errorf("%w: recording id %q, but %s says %q: the file is of another recording",
			retime.ErrTable, key, scope.file.Name, scope.RecordingID)
	case scope != nil:
		return u.group(scope, scope.RecordingID)
	case !keyed:
		return u.only()
	case len(key) == 0:
		return nil, fmt.Errorf("%w: the row has a time but no recording id", retime.ErrTable)
	}
	if g := u.groups["id "+string(key)]; g != nil {
		return g, nil
	}
	return u.group(nil, string(key))
}

// verdict is the error of a run whose every cell is fine.
func (u *run) verdict() error {
	sent := retime.SenderError{Total: u.senders}
	for _, g := range u.order {
		sent.Stamps = append(sent.Stamps, g.sender...)
	}
	return u.clocks.Verdict(sent)
}
