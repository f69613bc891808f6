package player

import (
	"path"
	"slices"

	"github.com/pialign/pialign/formats/retime"
)

// report puts together what the scan saw.
func (u *run) report() *retime.Report {
	rep := &retime.Report{}
	of := map[*group]*retime.RecordingReport{}
	for _, g := range u.groups {
		r := &retime.RecordingReport{Name: g.name, DeviceID: g.device(), RecordingID: g.id, Alignment: g.clock.Digest, Unaligned: g.clock.Unaligned(),
			Sender: g.sender, SenderTotal: g.senders}
		if r.DeviceID == "" {
			r.Warnings = append(r.Warnings, "no info.json says which phone recorded it")
		}
		of[g] = r
	}
	var loose []string
	for _, f := range u.tree.ByName() {
		s := u.scanned[f.Name]
		if s == nil { // left out
			continue
		}
		fr := retime.FileReport{Name: f.Name, Action: s.action, Rows: s.rows, Input: s.in, Output: s.out}
		if s.name != "" {
			fr.Rename(s.name)
		}
		left := s.g != nil && s.g.clock.Left(u.opt)
		if left {
			fr.Action = retime.Copied
		}
		var spans []retime.Span
		for _, span := range s.spans {
			if !left {
				fr.Columns = append(fr.Columns, span.Column)
			}
			spans = append(spans, *span)
		}
		fr.SetSpans(spans)
		rep.Files = append(rep.Files, fr)
		r := of[s.g]
		if r == nil {
			loose = append(loose, s.warnings...)
			continue
		}
		r.Take(fr)
		r.Warnings = append(r.Warnings, s.warnings...)
	}
	loose = append(loose, u.tree.Interrupted()...)
	if slices.ContainsFunc(u.leftOut, func(name string) bool { return inCache(path.Dir(name)) }) {
		loose = append(loose, cache+": left out: Pupil Player's own cache, with times in it; it makes that again")
	}
	var recordings []*retime.RecordingReport
	for _, g := range u.groups {
		recordings = append(recordings, of[g])
	}
	rep.Finish(u.leftOut, recordings, loose)
	return rep
}
