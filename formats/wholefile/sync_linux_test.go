package wholefile

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestKernelsThatTell(t *testing.T) {
	for release, want := range map[string]bool{"5.8.0": true, "5.10.0-8-amd64": true, "6.1": true, "10.0": true, "5.7.19": false, "4.19.0": false, "3.10.0-1160.el7": false, "": false, "x": false} {
		if since58(release) != want {
			t.Errorf("%q: %v", release, !want)
		}
	}
}

func TestSystemOfNoFolder(t *testing.T) {
	held := holdSystem(filepath.Join(t.TempDir(), "none"))
	defer held.close()
	if done, err := held.sync(); done || err != nil {
		t.Errorf("%v", err)
	}
}

// A folder of so many files that they are brought onto the disk at once is whole like any.
func TestFolderOfManyFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	err := Dir(dir, func(dir string) error {
		for i := range manyFiles + 1 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte{byte(i)}, 0o666); err != nil {
				return err
			}
		}
		return nil
	})
	entries, _ := os.ReadDir(dir)
	if err != nil || len(entries) != manyFiles+1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}
