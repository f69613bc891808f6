package cloud

import (
	"slices"

	"github.com/pialign/pialign/formats/retime"
)

// report puts together what the scan saw.
func (u *run) report() *retime.Report {
	rep := &retime.Report{}
	perGroup := map[*group]*retime.RecordingReport{}
	for _, g := range u.order {
		r := &retime.RecordingReport{Name: g.name, DeviceID: g.device(u.Recording), RecordingID: g.id,
			Alignment: g.clock.Digest, Unaligned: g.clock.Unaligned(), Sender: g.sender, SenderTotal: g.senders, Warnings: g.warnings}
		switch {
		case r.DeviceID != "":
		case g.scope != nil:
			r.Warnings = append(slices.Clone(r.Warnings), g.scope.file.Name+" does not say which phone recorded it (no android_device_id)")
		default:
			r.Warnings = append(slices.Clone(r.Warnings), "no info.json says which phone recorded it")
		}
		perGroup[g] = r
	}
	for _, f := range u.tree.ByName() {
		s := u.scanned[f.Name]
		whole := retime.FileReport{Name: f.Name, Action: s.action, Columns: s.names, Rows: s.stats.Rows, Input: s.in, Output: s.out}
		if s.name != "" {
			whole.Rename(s.name)
		}
		if s.left(u.opt) {
			whole.Action, whole.Columns = retime.Copied, nil
		}
		var all []retime.Span
		for _, sh := range s.groups {
			part := whole
			part.Rows = sh.rows
			part.SetSpans(sh.spans)
			perGroup[sh.g].Take(part)
			all = merge(all, sh.spans)
		}
		whole.SetSpans(all)
		rep.Files = append(rep.Files, whole)
		if len(s.groups) == 0 {
			if g := u.home(f); g != nil {
				perGroup[g].Take(whole)
			}
		}
	}
	var recordings []*retime.RecordingReport
	for _, g := range u.order {
		recordings = append(recordings, perGroup[g])
	}
	rep.Finish(u.tree.LeftOut, recordings, u.loose)
	return rep
}

// left reports whether no alignment is of any recording in the file, and it comes out as it went in.
func (s *scanned) left(opt retime.Options) bool {
	return len(s.groups) > 0 && !slices.ContainsFunc(s.groups, func(sh *share) bool { return !sh.g.clock.Left(opt) })
}

// home returns the recording that a file without times belongs to, nil where that is open.
func (u *run) home(f file) *group {
	if in := u.scope(f); in != nil {
		return u.groups[groupKey(in, in.RecordingID)]
	}
	if len(u.order) == 1 {
		return u.order[0]
	}
	return nil
}

// merge joins the spans of two recordings, column by column.
func merge(a, b []retime.Span) []retime.Span {
	if a == nil {
		return slices.Clone(b)
	}
	for i := range a {
		a[i].Join(b[i])
	}
	return a
}
