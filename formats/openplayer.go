package formats

import (
	"errors"
	"fmt"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/player"
)

// openPlayer returns a folder of Pupil Player or Neon Player, nil where it is none.
func openPlayer(path string, t *folder.Tree) (Recording, error) {
	r, err := player.OpenTree(path, t)
	switch {
	case errors.Is(err, player.ErrForeign):
		return nil, nil
	case errors.Is(err, player.ErrCore):
		return nil, fmt.Errorf("%s: %w: %w", path, ErrUnsupported, err)
	case err != nil:
		return nil, err
	}
	return r, nil
}
