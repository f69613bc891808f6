package main

import (
	"archive/zip"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pialign/pialign/formats/retime"
)

// neverChanged are the files whose bytes no format changes: videos and images, by far the largest. That others do not change
// either shows only when they are read.
var neverChanged = map[string]bool{".mp4": true, ".mjpeg": true, ".jpg": true, ".jpeg": true, ".png": true}

// room returns how many bytes the result of w may take at the most, roughly, while it is made. It is as large as the recording; columns that come on
// top double a table at the most, since no time is longer than the one beside it; and links take nothing. What changes in a zip is packed into a
// file beside it first.
func (o applyOptions) room(ctx context.Context, w applyWork) int64 {
	need, added := w.size, o.retime.Mode == retime.Add || o.retime.KeepDeviceTime
	if w.err != nil {
		return need
	}
	if len(o.columns) > 0 {
		if added {
			need *= 2
		}
		return need
	}
	if info, err := os.Stat(w.path); err == nil && info.Mode().IsRegular() {
		z, err := zip.OpenReader(w.path)
		if err != nil {
			return need
		}
		defer z.Close()
		for _, e := range z.File {
			packed := int64(min(e.CompressedSize64, uint64(w.size)))
			if !neverChanged[strings.ToLower(path.Ext(e.Name))] {
				need += packed
			}
			if added && isTable(e.Name) { // in the file beside it, and in the result
				need += 2 * packed
			}
		}
		return need
	}
	if !added && !o.retime.Hardlink {
		return need
	}
	_ = eachEntry(ctx, w.path, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		size, _ := regular(p, e)
		switch {
		case added && isTable(p):
			need += size
		case o.retime.Hardlink && neverChanged[strings.ToLower(filepath.Ext(p))] && onOneDisk(p, o.out):
			need -= size
		}
		return nil
	})
	return max(need, 0)
}

func isTable(name string) bool { return strings.EqualFold(filepath.Ext(name), ".csv") }

// onOneDisk reports whether the file at path is on the disk that dir is on, or will be.
func onOneDisk(path, dir string) bool {
	there, err := diskOf(path)
	if err != nil {
		return false
	}
	here, err := diskOf(dir)
	for err != nil && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		here, err = diskOf(dir)
	}
	return err == nil && here == there
}
