package native

import "github.com/pialign/pialign/formats/retime"

// report puts together what the scan saw.
func (u *run) report() *retime.Report {
	rep := &retime.Report{}
	recordings := map[*member]*retime.RecordingReport{}
	for _, m := range u.members {
		recordings[m] = &retime.RecordingReport{Name: m.name, DeviceID: m.info.DeviceID, RecordingID: m.info.RecordingID,
			Alignment: m.clock.Digest, Unaligned: m.clock.Unaligned(), Sender: m.sender, SenderTotal: m.senders, Warnings: m.warnings}
	}
	for _, f := range u.tree.ByName() {
		s := u.scanned[f.Name]
		file := retime.FileReport{Name: f.Name, Action: s.action, Rows: s.rows, Input: s.in, Output: s.out}
		if m := u.of(f); m != nil && m.clock.Left(u.opt) {
			file.Action = retime.Copied
		} else {
			for _, span := range s.spans {
				file.Columns = append(file.Columns, span.Column)
			}
		}
		file.SetSpans(s.spans)
		rep.Files = append(rep.Files, file)
		if m := u.of(f); m != nil {
			recordings[m].Take(file)
		}
	}
	var all []*retime.RecordingReport
	for _, m := range u.members {
		all = append(all, recordings[m])
	}
	rep.Finish(u.tree.LeftOut, all, u.loose)
	return rep
}
