package wholefile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var errFill = errors.New("no more input")

func put(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// names returns what lies in dir.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func TestWriteMakesAndReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "folders", "a.txt")
	for _, want := range []string{"first", "second, longer", ""} {
		if err := Write(path, put(want)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := names(t, filepath.Dir(path)); got != "a.txt" {
		t.Errorf("left behind: %s", got)
	}
}

func TestNobodySeesHalfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := Write(path, put("old")); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 1<<20) // above every buffer
	err := Write(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, big); err != nil {
			return err
		}
		if got := content(t, path); got != "old" {
			t.Errorf("in the middle of it the file holds %d bytes", len(got))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if content(t, path) != big {
		t.Error("afterwards it is not the new one")
	}
}

// TestNothingIsLeft fails every kind of writing in every way: nothing may remain, and what was there stays.
func TestNothingIsLeft(t *testing.T) {
	kinds := map[string]func(path string, fill func() error) error{
		"Write": func(path string, fill func() error) error {
			return Write(path, func(w io.Writer) error { put("half")(w); return fill() })
		},
		"Create": func(path string, fill func() error) error {
			return Create(path, func(w io.Writer) error { put("half")(w); return fill() })
		},
		"Dir": func(path string, fill func() error) error {
			return Dir(path, func(dir string) error {
				if err := os.MkdirAll(filepath.Join(dir, "deep", "er"), 0o777); err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(dir, "deep", "half"), nil, 0o666); err != nil {
					return err
				}
				os.Chmod(filepath.Join(dir, "deep"), 0o500) // as copied from read-only media
				return fill()
			})
		},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "new", "folder", "target")
			err := kind(path, func() error { return errFill })
			if !errors.Is(err, errFill) || !strings.Contains(err.Error(), path) {
				t.Errorf("the error %q neither wraps that of fill nor names the path", err)
			}
			if got := names(t, root); got != "" {
				t.Errorf("after an error: %s", got)
			}
			func() {
				defer func() {
					if recover() != "out of luck" {
						t.Error("the panic did not come through")
					}
				}()
				kind(path, func() error { panic("out of luck") })
			}()
			if got := names(t, root); got != "" {
				t.Errorf("after a panic: %s", got)
			}
		})
	}
}

func TestWriteKeepsTheOldOneOnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := Write(path, put("old")); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, func(w io.Writer) error { put("new")(w); return errFill }); !errors.Is(err, errFill) {
		t.Fatal(err)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("got %q", got)
	}
}

func TestCreateRefusesWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := Create(path, put("mine")); err != nil {
		t.Fatal(err)
	}
	called := false
	err := Create(path, func(io.Writer) error { called = true; return nil })
	if !errors.Is(err, fs.ErrExist) || called {
		t.Errorf("error %v, fill called: %v", err, called)
	}
	// Also what appears meanwhile.
	other := filepath.Join(filepath.Dir(path), "b.txt")
	err = Create(other, func(w io.Writer) error {
		put("mine")(w)
		return os.WriteFile(other, []byte("theirs"), 0o666)
	})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v", err)
	}
	if got := content(t, other); got != "theirs" {
		t.Errorf("got %q", got)
	}
	if got := names(t, filepath.Dir(path)); got != "a.txt b.txt" {
		t.Errorf("left behind: %s", got)
	}
}

func TestOfManyCreatesOneWins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "a.txt")
	var wg sync.WaitGroup
	won := make(chan string, 16)
	for i := range cap(won) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mine := strings.Repeat(string(rune('a'+i)), 100)
			switch err := Create(path, put(mine)); {
			case err == nil:
				won <- mine
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d won", len(won))
	}
	if got := content(t, path); got != <-won {
		t.Errorf("the winner's is not there, but %q", got)
	}
}

func TestDirAppearsWhole(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "out", "recording") + string(filepath.Separator)
	err := Dir(path, func(dir string) error {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Error("it is there too early")
		}
		if !IsTemp(filepath.Base(dir)) {
			t.Errorf("%s does not look temporary", dir)
		}
		return os.WriteFile(filepath.Join(dir, "gaze.csv"), []byte("1\n"), 0o444)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, filepath.Join(path, "gaze.csv")); got != "1\n" {
		t.Errorf("got %q", got)
	}
	if got := names(t, filepath.Join(root, "out")); got != "recording" {
		t.Errorf("left behind: %s", got)
	}
	called := false
	if err := Dir(path, func(string) error { called = true; return nil }); !errors.Is(err, fs.ErrExist) || called {
		t.Errorf("a second time: error %v, fill called: %v", err, called)
	}
	// An empty folder that appears meanwhile would be replaced by a mere rename.
	late := filepath.Join(root, "late")
	if err := Dir(late, func(string) error { return os.Mkdir(late, 0o777) }); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v", err)
	}
}

func TestLongestNames(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("n", 255)
	if err := Create(filepath.Join(dir, long), put("x")); err != nil {
		t.Error(err)
	}
	if err := Dir(filepath.Join(dir, "d"+long[1:]), func(string) error { return nil }); err != nil {
		t.Error(err)
	}
	err := Write(filepath.Join(dir, long+"n"), put("x"))
	if err == nil || strings.Contains(names(t, dir), prefix) {
		t.Errorf("error %v; there are %s", err, names(t, dir))
	}
}

func TestPermissionsAreTheUsual(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	dir := t.TempDir()
	usual := filepath.Join(dir, "usual")
	if err := os.WriteFile(usual, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a")
	if err := Write(path, put("x")); err != nil {
		t.Fatal(err)
	}
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	if mode(path) != mode(usual) {
		t.Errorf("a new file has %v, others %v", mode(path), mode(usual))
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, put("y")); err != nil {
		t.Fatal(err)
	}
	if mode(path) != 0o640 {
		t.Errorf("replacing it made %v of 0640", mode(path))
	}
}

func TestTargetsThatAreNoFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(real, []byte("old"), 0o666), os.Symlink("real", link)); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, put("new")); err != nil {
		t.Fatal(err)
	}
	if got := content(t, real); got != "new" {
		t.Errorf("behind the link is %q", got)
	}
	if target, err := os.Readlink(link); err != nil || target != "real" {
		t.Errorf("the link became %q, %v", target, err)
	}
	if err := Write(os.DevNull, put("gone")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced: %v", os.DevNull, err)
	}
	if err := Write(dir, put("x")); err == nil {
		t.Error("a folder was replaced")
	}
	if err := Write(filepath.Join(real, "below"), put("x")); err == nil {
		t.Error("a file served as a folder")
	}
}

func TestFillSeesNothingButAWriter(t *testing.T) {
	// The Parquet library closes what can be closed, which would close the file before it is flushed.
	err := Write(filepath.Join(t.TempDir(), "a"), func(w io.Writer) error {
		if _, can := w.(io.Closer); can {
			t.Error("it can be closed")
		}
		_, err := io.Copy(w, bytes.NewReader(make([]byte, 10)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
