package cloud

import (
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// write scans into the folder dst, with pialign.json at its root.
func (u *run) write(dst string) (*retime.Report, error) {
	var rep *retime.Report
	err := u.target.Build(dst, u.tree, func() ([]byte, error) {
		if err := u.scan(); err != nil {
			return nil, err
		}
		rep = u.report()
		return retime.NewManifest(u.opt, rep).Marshal()
	})
	if err != nil {
		return nil, err
	}
	return rep, nil
}

// copy copies f as it is, if it is to be written at all.
func (u *run) copy(f file, in *folder.Input, s *scanned) (err error) {
	s.out, err = u.target.Copy(u.ctx, f, in)
	s.in = s.out
	return err
}
