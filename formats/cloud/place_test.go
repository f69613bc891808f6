package cloud_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a privilege there")
	}
	dir := plain.Folder(t)
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	annexed := filepath.Join(t.TempDir(), "object")
	gaze := filepath.Join(dir, "gaze.csv")
	if err := os.Rename(gaze, annexed); err != nil {
		t.Fatal(err)
	}
	link(annexed, "gaze.csv")
	out, _ := retimed(t, dir, identity.Clocks(t), retime.Options{})
	if err := retimetest.Same(plain, retimetest.Read(t, out)); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(filepath.Join(out, "gaze.csv")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("a link became %v, %v", info, err)
	}
	for name, to := range map[string]string{"gone": filepath.Join(dir, "nowhere"), "loop": dir} {
		link(to, name)
		if _, err := cloud.Open(dir); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		os.Remove(filepath.Join(dir, name))
	}
}

func TestResultPlace(t *testing.T) {
	dir := plain.Folder(t)
	rec, err := cloud.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, dst := range map[string]string{"inside": filepath.Join(dir, "a", "out"), "itself": dir, "there already": t.TempDir()} {
		if _, err := rec.Retime(context.Background(), dst, identity.Clocks(t), retime.Options{}); err == nil {
			t.Errorf("%s: taken", name)
		} else if name == "there already" && !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !maps.Equal(plain, retimetest.Read(t, dir)) {
		t.Error("the input changed")
	}
}

// oneAtATime makes files be worked off in turn for the rest of the test.
func oneAtATime(t *testing.T) {
	old := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

func TestChangedInput(t *testing.T) {
	oneAtATime(t)
	f := plain.With(files{"blinks.csv": plain["blinks.csv"] + "s,r1,1,1700000001000000015,1700000001004000015,4\n"})
	for name, change := range map[string]func(dir string) error{
		"longer": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "gaze.csv"), []byte(plain["gaze.csv"]+"\n"), 0o666)
		},
		"newer": func(dir string) error {
			return os.Chtimes(filepath.Join(dir, "gaze.csv"), time.Time{}, time.Unix(1_600_000_000, 0))
		},
		"longer, no table": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "sub", "more.txt"), []byte("x"), 0o666)
		},
		"while it is read": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "blinks.csv"), []byte(f["blinks.csv"]+"\n"), 0o666)
		},
		"same size and time, other digits than the bounds are of": func(dir string) error {
			path := filepath.Join(dir, "events.csv")
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(strings.Replace(plain["events.csv"], "1700000010", "1700000011", 1)), 0o666); err != nil {
				return err
			}
			return os.Chtimes(path, time.Time{}, info.ModTime())
		},
		"same size and time, info.json": func(dir string) error {
			path := filepath.Join(dir, "info.json")
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(strings.Replace(plain["info.json"], "r1", "r2", 1)), 0o666); err != nil {
				return err
			}
			return os.Chtimes(path, time.Time{}, info.ModTime())
		},
	} {
		dir := f.Folder(t)
		rec, err := cloud.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		clocks := identity.Clocks(t)
		begun := false
		wrapped := func(device, recording string) (retime.Clock, error) {
			c, err := clocks(device, recording)
			inner := c.New
			c.New = func() align.Retimer {
				if !begun { // with the first row of blinks.csv, the first table
					begun = true
					if err := change(dir); err != nil {
						t.Error(err)
					}
				}
				return inner()
			}
			return c, err
		}
		out := filepath.Join(t.TempDir(), "out")
		if _, err := rec.Retime(context.Background(), out, wrapped, retime.Options{}); !errors.Is(err, retime.ErrChanged) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestCancel(t *testing.T) {
	dir := plain.Folder(t)
	rec, err := cloud.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for when := 1; when <= 3; when++ { // events.csv, gaze.csv and info.json ask for a stream each
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		clocks := func(device, recording string) (retime.Clock, error) {
			return retime.Clock{New: func() align.Retimer {
				if n++; n == when {
					cancel() // while writing
				}
				return func(d align.DeviceTime) (int64, error) { return int64(d), nil }
			}}, nil
		}
		out := filepath.Join(t.TempDir(), "out")
		if _, err := rec.Retime(ctx, out, clocks, retime.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("at stream %d: got %v", when, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
			t.Errorf("at stream %d: %s is left", when, left[0].Name())
		}
	}
}
