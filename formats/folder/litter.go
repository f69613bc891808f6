package folder

import "strings"

// Litter reports whether a file of that name is what systems leave in folders that people look at: the Finder of macOS, Windows's Explorer.
func Litter(base string) bool {
	switch base {
	case ".DS_Store", "Thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(base, "._")
}
