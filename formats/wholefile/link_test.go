package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// object makes what git-annex makes: a read-only file deep below, and a link to it. It returns the two.
func object(t *testing.T, dir, text string) (file, link string) {
	t.Helper()
	deep := filepath.Join(dir, ".git", "annex", "objects", "aa")
	if err := os.MkdirAll(deep, 0o777); err != nil {
		t.Fatal(err)
	}
	file, link = filepath.Join(deep, "KEY.mp4"), filepath.Join(dir, "video.mp4")
	if err := os.WriteFile(file, []byte(text), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(".git", "annex", "objects", "aa", "KEY.mp4"), link); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
	return file, link
}

func stat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestLinkFollowsSymbolicLinks(t *testing.T) {
	dir := t.TempDir()
	file, link := object(t, dir, "frames")
	to := filepath.Join(dir, "out.mp4")
	if err := Link(link, to, stat(t, file)); err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(stat(t, to), stat(t, file)) {
		t.Error("another file, want the one that the link leads to")
	}
	if mode := stat(t, to).Mode(); mode.Perm()&0o222 != 0 {
		t.Errorf("mode %v, want it as it was: read-only", mode)
	}
}

func TestLinkToAnotherFileIsNone(t *testing.T) {
	dir := t.TempDir()
	a, b, to := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "to")
	for _, path := range []string{a, b} {
		if err := os.WriteFile(path, []byte(path), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := Link(a, to, stat(t, b)); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("got %v, want fs.ErrInvalid", err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("the name is there although the file is another one")
	}
}

// TestDirThatFailsLeavesLinkedFiles: what is taken away is the names in the folder, not the files' permissions.
func TestDirThatFailsLeavesLinkedFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permissions as these")
	}
	dir := t.TempDir()
	file, link := object(t, dir, "frames")
	err := Dir(filepath.Join(dir, "out"), func(out string) error {
		sub := filepath.Join(out, "sub")
		if err := os.Mkdir(sub, 0o777); err != nil {
			return err
		}
		if err := Link(link, filepath.Join(sub, "video.mp4"), stat(t, file)); err != nil {
			return err
		}
		if err := os.Chmod(sub, 0o555); err != nil {
			return err
		}
		return errFill
	})
	if !errors.Is(err, errFill) {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "out")); err == nil {
		t.Error("half a folder is left")
	}
	if mode := stat(t, file).Mode().Perm(); mode != 0o444 || content(t, file) != "frames" {
		t.Errorf("the original has mode %v and holds %q", mode, content(t, file))
	}
}

// TestClone: whether the file system can clone or not, a clone has the bytes and the permissions of a new file, and no clone is no file.
func TestClone(t *testing.T) {
	for i, dir := range cloneDirs(t) {
		from, to, plain := filepath.Join(dir, "from"), filepath.Join(dir, "to"), filepath.Join(dir, "plain")
		if err := os.WriteFile(from, make([]byte, 1<<20+1), 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(plain, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		in, err := os.Open(from)
		if err != nil {
			t.Fatal(err)
		}
		cloned := Clone(in, to)
		in.Close()
		if !cloned {
			if i > 0 {
				t.Errorf("%s: not cloned", dir)
			}
			if _, err := os.Lstat(to); err == nil {
				t.Errorf("%s: not cloned, and a file is there", dir)
			}
			continue
		}
		if got, want := stat(t, to), stat(t, plain); got.Mode() != want.Mode() || os.SameFile(got, stat(t, from)) {
			t.Errorf("%s: mode %v, want %v; the same file: %v", dir, got.Mode(), want.Mode(), os.SameFile(got, stat(t, from)))
		}
		if content(t, to) != content(t, from) {
			t.Errorf("%s: other bytes", dir)
		}
	}
}

// cloneDirs returns folders to try: one for temporary files, and, where PIALIGN_CLONE_DIR names one, that on a file system that clones.
func cloneDirs(t *testing.T) []string {
	dirs := []string{t.TempDir()}
	if dir := os.Getenv("PIALIGN_CLONE_DIR"); dir != "" {
		sub, err := os.MkdirTemp(dir, "clone-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(sub) })
		dirs = append(dirs, sub)
	}
	return dirs
}
