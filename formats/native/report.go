package native

import (
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// report puts together what the scan saw.
func (u *run) report() *retime.Report {
	rep := &retime.Report{}
	recordings := map[*member]*retime.RecordingReport{}
	for _, m := range u.members {
		recordings[m] = &retime.RecordingReport{Name: m.name, DeviceID: m.info.DeviceID, RecordingID: m.info.RecordingID,
			Alignment: m.clock.Digest, Sender: m.sender, SenderTotal: m.senders, Warnings: m.warnings}
	}
	hulls := map[*member]*retime.Span{}
	for _, f := range slices.SortedFunc(slices.Values(u.tree.Files), func(a, b folder.File) int { return strings.Compare(a.Name, b.Name) }) {
		s := u.scanned[f.Name]
		file := retime.FileReport{Name: f.Name, Action: s.action, Rows: s.rows, Spans: s.spans, Input: s.in, Output: s.out}
		var hull retime.Span
		for _, span := range s.spans {
			file.Columns = append(file.Columns, span.Column)
			widen(&hull, span)
		}
		file.First, file.Last = hull.First, hull.Last
		rep.Files = append(rep.Files, file)
		if m := u.of(f); m != nil {
			r := recordings[m]
			r.Files = append(r.Files, file)
			if hulls[m] == nil {
				hulls[m] = &retime.Span{}
			}
			widen(hulls[m], hull)
			r.First, r.Last = hulls[m].First, hulls[m].Last
		}
	}
	for _, name := range u.tree.LeftOut {
		rep.Files = append(rep.Files, retime.FileReport{Name: name, Action: retime.LeftOut})
	}
	for i, m := range u.members {
		if i == 0 {
			recordings[m].Warnings = append(slices.Clone(m.warnings), u.loose...)
		}
		rep.Recordings = append(rep.Recordings, *recordings[m])
	}
	slices.SortStableFunc(rep.Recordings, func(a, b retime.RecordingReport) int { return strings.Compare(a.Name, b.Name) })
	return rep
}

// widen adds the instants of another span.
func widen(to *retime.Span, by retime.Span) {
	if by.Cells > 0 {
		to.Add(by.First)
		to.Add(by.Last)
	}
}
