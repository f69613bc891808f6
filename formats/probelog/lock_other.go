//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package probelog

import "os"

func lock(*os.File) error { return errNoLock }
