package cloud

import (
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// report puts together what the scan saw.
func (u *run) report() *retime.Report {
	rep := &retime.Report{}
	perGroup := map[*group]*retime.RecordingReport{}
	for _, g := range u.order {
		r := &retime.RecordingReport{Name: g.name, DeviceID: g.device(u.Recording), RecordingID: g.id,
			Alignment: g.clock.Digest, Sender: g.sender, SenderTotal: g.senders, Warnings: g.warnings}
		switch {
		case r.DeviceID != "":
		case g.scope != nil:
			r.Warnings = append(slices.Clone(r.Warnings), g.scope.file.Name+" does not say which phone recorded it (no android_device_id)")
		default:
			r.Warnings = append(slices.Clone(r.Warnings), "no info.json says which phone recorded it")
		}
		perGroup[g] = r
	}
	for _, f := range u.sorted() {
		s := u.scanned[f.Name]
		whole := retime.FileReport{Name: f.Name, Action: s.action, Columns: s.names, Rows: s.stats.Rows, Input: s.in, Output: s.out}
		for _, sh := range s.groups {
			part := whole
			part.Rows, part.Spans = sh.rows, sh.spans
			part.First, part.Last = hull(sh.spans)
			whole.Spans = merge(whole.Spans, sh.spans)
			r := perGroup[sh.g]
			r.Files = append(r.Files, part)
			r.First, r.Last = widen(r.First, r.Last, sh.spans)
		}
		whole.First, whole.Last = hull(whole.Spans)
		rep.Files = append(rep.Files, whole)
		if len(s.groups) == 0 {
			if g := u.home(f); g != nil {
				perGroup[g].Files = append(perGroup[g].Files, whole)
			}
		}
	}
	for _, name := range u.tree.LeftOut {
		rep.Files = append(rep.Files, retime.FileReport{Name: name, Action: retime.LeftOut})
	}
	for i, g := range u.order {
		if i == 0 {
			perGroup[g].Warnings = append(slices.Clone(perGroup[g].Warnings), u.loose...)
		}
		rep.Recordings = append(rep.Recordings, *perGroup[g])
	}
	slices.SortStableFunc(rep.Recordings, func(a, b retime.RecordingReport) int { return strings.Compare(a.Name, b.Name) })
	return rep
}

// sorted returns the files by name.
func (u *run) sorted() []file {
	return slices.SortedFunc(slices.Values(u.tree.Files), func(a, b file) int { return strings.Compare(a.Name, b.Name) })
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

// hull returns the first and the last instant of spans, zeros where there is none.
func hull(spans []retime.Span) (first, last align.DeviceTime) { return widen(0, 0, spans) }

// widen is hull beginning from an earlier result.
func widen(first, last align.DeviceTime, spans []retime.Span) (align.DeviceTime, align.DeviceTime) {
	all := retime.Span{First: first, Last: last}
	if first != 0 || last != 0 {
		all.Cells = 1
	}
	for _, s := range spans {
		if s.Cells > 0 {
			all.Add(s.First)
			all.Add(s.Last)
		}
	}
	return all.First, all.Last
}

// merge joins the spans of two recordings, column by column.
func merge(a, b []retime.Span) []retime.Span {
	if a == nil {
		return slices.Clone(b)
	}
	for i := range a {
		if b[i].Cells == 0 {
			continue
		}
		cells := a[i].Cells + b[i].Cells
		a[i].Add(b[i].First)
		a[i].Add(b[i].Last)
		a[i].Cells = cells
	}
	return a
}
