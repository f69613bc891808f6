package main

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// errFull is what writing to a full disk ends with.
var errFull error = windows.ERROR_DISK_FULL

// errOtherDisk is what a hard link to another volume ends with.
var errOtherDisk error = windows.ERROR_NOT_SAME_DEVICE

// freeSpace returns how many bytes can still be written to the disk that dir is on.
func freeSpace(dir string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return free, err
}

// diskOf returns what tells the disk that path is on from others.
func diskOf(path string) (any, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	path, err := real(path)
	return strings.ToLower(filepath.VolumeName(path)), err
}
