package wholefile

import "os"

// Clone makes the file to, which must not exist, of the bytes of from, without moving them: both have the same places on the disk until one
// of them is written to. It reports false, and makes nothing, where the file system cannot do that, or not between these two.
//
// The new file has the permissions that any new file gets, whatever those of from are. Source: FICLONE of Linux (btrfs, XFS, bcachefs, NFS 4.2,
// overlayfs on them), clonefile of macOS (APFS).
func Clone(from *os.File, to string) bool { return clone(from, to) }
