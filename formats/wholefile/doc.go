// Package wholefile makes a file or a folder appear complete, or not at all.
//
// Write replaces, Create and Dir refuse to. Each builds its work beside the target under a name that begins with
// ".pialign-", brings it onto the disk, and renames it. If filling it fails, panics or is cancelled, nothing is
// left, not even a parent folder that was missing. A process that is killed may leave a ".pialign-" name behind;
// IsTemp knows those, and they may be deleted.
//
// Two limits. Folders are not flushed on Windows, which has no call for it. And a target that is no regular file
// (a pipe, /dev/null) is written straight into, since it cannot be renamed over.
package wholefile
