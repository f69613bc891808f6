package player

import (
	"path"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// report puts together what the scan saw.
func (u *run) report() *retime.Report {
	rep := &retime.Report{}
	of := map[*group]*retime.RecordingReport{}
	for _, g := range u.groups {
		r := &retime.RecordingReport{Name: g.name, DeviceID: g.device(), RecordingID: g.id, Alignment: g.clock.Digest,
			Sender: g.sender, SenderTotal: g.senders}
		if r.DeviceID == "" {
			r.Warnings = append(r.Warnings, "no info.json says which phone recorded it")
		}
		of[g] = r
	}
	files := slices.SortedFunc(slices.Values(u.files), func(a, b folder.File) int { return strings.Compare(a.Name, b.Name) })
	var loose []string
	for _, f := range files {
		s := u.scanned[f.Name]
		fr := retime.FileReport{Name: f.Name, Action: s.action, Rows: s.rows, Input: s.in, Output: s.out}
		all := retime.Span{}
		for _, span := range s.spans {
			fr.Columns = append(fr.Columns, span.Column)
			fr.Spans = append(fr.Spans, *span)
			if span.Cells > 0 {
				all.Add(span.First)
				all.Add(span.Last)
			}
		}
		fr.First, fr.Last = all.First, all.Last
		rep.Files = append(rep.Files, fr)
		r := of[s.g]
		if r == nil {
			loose = append(loose, s.warnings...)
			continue
		}
		r.Files = append(r.Files, fr)
		r.Warnings = append(r.Warnings, s.warnings...)
		if all.Cells > 0 {
			r.First, r.Last = hull(r.First, r.Last, all)
		}
	}
	caches := 0
	for _, name := range u.leftOut {
		rep.Files = append(rep.Files, retime.FileReport{Name: name, Action: retime.LeftOut})
		switch {
		case inCache(path.Dir(name)):
			caches++
		case wholefile.IsTemp(path.Base(name)):
			loose = append(loose, name+": left out: what an interrupted pialign left behind; it may be deleted")
		}
	}
	if caches > 0 {
		loose = append(loose, cache+": left out: Pupil Player's own cache, with times in it; it makes that again")
	}
	for i, g := range u.groups {
		if i == 0 {
			of[g].Warnings = append(of[g].Warnings, loose...)
		}
		rep.Recordings = append(rep.Recordings, *of[g])
	}
	slices.SortStableFunc(rep.Recordings, func(a, b retime.RecordingReport) int { return strings.Compare(a.Name, b.Name) })
	return rep
}

func hull(first, last align.DeviceTime, s retime.Span) (align.DeviceTime, align.DeviceTime) {
	if first == 0 && last == 0 {
		return s.First, s.Last
	}
	return min(first, s.First), max(last, s.Last)
}
