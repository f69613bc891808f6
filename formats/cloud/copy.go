package cloud

import (
	"github.com/pialign/pialign/formats/folder"
)

// copy copies f as it is, if it is to be written at all.
func (u *run) copy(f file, in *folder.Input, s *scanned) (err error) {
	s.out, err = u.target.Copy(u.ctx, f, in)
	s.in = s.out
	return err
}
