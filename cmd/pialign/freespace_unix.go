//go:build linux || darwin

package main

import (
	"errors"

	"golang.org/x/sys/unix"
)

// errFull is what writing to a full disk ends with.
var errFull error = unix.ENOSPC

// errOtherDisk is what a hard link to another file system ends with.
var errOtherDisk error = unix.EXDEV

// freeSpace returns how many bytes can still be written to the disk that dir is on.
func freeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	if s.Blocks == 0 { // it keeps nothing, as /proc
		return 0, errors.ErrUnsupported
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// diskOf returns what tells the disk that path is on from others.
func diskOf(path string) (any, error) {
	var s unix.Stat_t
	err := unix.Stat(path, &s)
	return s.Dev, err
}
