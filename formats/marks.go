package formats

import (
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/player"
)

// Marks reports whether a file of that name may make the folder that it lies in a recording: a folder without one may hold folders of
// recordings, but is none. Its content decides, which Open looks at.
func Marks(name string) bool {
	return native.Is(name) || player.Marks(name) || slices.Contains(cloud.Tables(), strings.ToLower(name))
}
