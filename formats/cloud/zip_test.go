package cloud_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// sameAsZip checks that the zip of f becomes what its folder dir did: the same files and report, or the same error.
func sameAsZip(t *testing.T, f files, dir string, clocks retime.Clocks, opt retime.Options, out map[string]string, rep *retime.Report, failed error) {
	t.Helper()
	path, dst := f.Zip(t), filepath.Join(t.TempDir(), "out.zip")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := cloud.Open(path)
	var got *retime.Report
	if err == nil {
		_, cerr := rec.Check(context.Background(), clocks, opt)
		if got, err = rec.Retime(context.Background(), dst, clocks, opt); (cerr == nil) != (err == nil) {
			t.Errorf("zip: Check says %v, Retime %v", cerr, err)
		}
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the zip that was read has changed")
	}
	if failed != nil {
		if err == nil || strings.NewReplacer(path, dir, "give the zip as", "give the folder as").Replace(err.Error()) != failed.Error() {
			t.Errorf("folder: %v\nzip: %v", failed, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) > 0 {
			t.Errorf("after %v there is %s", err, left[0].Name())
		}
		return
	}
	if err != nil {
		t.Errorf("zip: %v", err)
		return
	}
	files, names := retimetest.ReadZip(t, dst)
	if !maps.Equal(files, out) {
		for name := range out {
			if files[name] != out[name] {
				t.Errorf("zip: %s differs from that of the folder", name)
			}
		}
		t.Errorf("zip: %d files, folder: %d", len(files), len(out))
	}
	if want := slices.Sorted(maps.Keys(f)); !slices.Equal(append([]string{retime.ManifestName}, want...), reversed(names)) {
		t.Errorf("zip: order %v", names)
	}
	if !reflect.DeepEqual(got, rep) {
		t.Errorf("zip: report %+v\nfolder: %+v", got, rep)
	}
	if _, err := cloud.Open(dst); !errors.Is(err, retime.ErrRetimed) {
		t.Errorf("zip: a result is opened again: %v", err)
	}
}

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

// A zip made of a real folder becomes what the folder does, also inside a wrapper.
func TestRealZipIsAsItsFolder(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		f := retimetest.Read(t, dir)
		wrapped := files{}
		for name, b := range f {
			wrapped["Timeseries Data (1)/"+name] = b
		}
		for _, f := range []files{f, wrapped} {
			for _, l := range []line{identity, second} {
				out, rep, err := attempt(t, f, l.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice, Program: "pialign test"}) // compares with its zip
				if err != nil {
					t.Fatal(err)
				}
				if err := moved(l, f, out); err != nil {
					t.Error(err)
				}
				if l == identity {
					for _, r := range rep.Files {
						if r.Input != r.Output {
							t.Errorf("%s changed", r.Name)
						}
					}
				}
			}
		}
	})
}

func TestZipOfSeveralRecordings(t *testing.T) {
	f := study(3)
	if _, rep, err := attempt(t, f, second.Clocks(t), retime.Options{SHA256: true}); err != nil || len(rep.Recordings) != 3 {
		t.Errorf("%v, %+v", err, rep)
	}
	rec, err := cloud.Open(f.Zip(t))
	if err != nil || rec.Kind() != "Pupil Cloud download with 3 recordings, zipped" || rec.Name() != "rec" || len(rec.RecordingIDs()) != 3 {
		t.Errorf("%v, %+v", err, rec)
	}
	if rep, err := rec.Check(context.Background(), retime.Unmoved, retime.Options{SenderStamps: retime.SenderDevice}); err != nil || len(rep.Recordings) != 3 {
		t.Errorf("%v, %+v", err, rep)
	}
}

// How much is read and written is not to be seen in the memory: neither that of zeros, which packs to nothing, nor of
// a table, nor of a table that is one line.
func TestZipMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("packs and unpacks some hundred MB")
	}
	if raceDetector {
		t.Skip("the race detector makes pools forget what they hold: what is allocated is counted without it")
	}
	const size = 400 << 20
	path := filepath.Join(t.TempDir(), "rec.zip")
	fill := func(bad bool) {
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := zip.NewWriter(out)
		zeros := make([]byte, 1<<20)
		big := func(name, first string, row func(int) []byte) {
			to, err := w.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(to, first)
			for n := len(first); n < size/4 || name == "scene.mp4" && n < size; {
				b := row(n)
				if _, err := to.Write(b); err != nil {
					t.Fatal(err)
				}
				n += len(b)
			}
		}
		big("scene.mp4", "", func(int) []byte { return zeros })
		var rows bytes.Buffer
		big("gaze.csv", "recording id,timestamp [ns],gaze x [px]\n", func(n int) []byte {
			rows.Reset()
			for i := range 10_000 {
				fmt.Fprintf(&rows, "r1,%d,%d.25\n", 1_700_000_000_000_000_015+int64(n/100+i)*5_000_000, i)
			}
			return rows.Bytes()
		})
		if bad {
			big("imu.csv", "recording id,timestamp [ns]\n", func(int) []byte { return zeros })
		}
		if err := errors.Join(w.Close(), out.Close()); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []bool{false, true} {
		fill(bad)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rec, err := cloud.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = rec.Retime(context.Background(), filepath.Join(t.TempDir(), "out.zip"), identity.Clocks(t), retime.Options{})
		if bad != errors.Is(err, retime.ErrTable) || !bad && err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		// All that was ever allocated, which is more than was ever in use: twelve packers of 3 MiB and the pieces of each reader.
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 64 {
			t.Errorf("bad %v: %d MiB were allocated for %d MiB", bad, n, size>>20)
		}
	}
}

// FuzzZip claims: a zip is refused, or its re-timing by the identity can be read again by others, with the same
// content in the same order.
func FuzzZip(f *testing.F) {
	small := files{"gaze.csv": "recording id,timestamp [ns]\nr1,1700000000000000015\n", "a/b.bin": "\x00", "info.json": plain["info.json"]}
	for _, seed := range []files{small, small.With(files{"a/": "", "blinks.csv": "start timestamp [ns],end timestamp [ns]\n"}), {"x.txt": ""}} {
		b, err := os.ReadFile(seed.Zip(f))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	shm := ""
	if _, err := os.Stat("/dev/shm"); err == nil {
		shm = "/dev/shm" // a thousand times as many tries as on a disk, onto which each result is brought
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		dir, err := os.MkdirTemp(shm, "FuzzZip")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "rec.zip")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		rec, err := cloud.Open(path)
		if err != nil {
			if rec != nil {
				t.Fatal("a recording with an error")
			}
			return
		}
		dst := filepath.Join(dir, "out.zip")
		if _, err = rec.Retime(context.Background(), dst, identity.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice}); err != nil {
			if _, err := os.Stat(dst); err == nil {
				t.Fatal("a result with an error")
			}
			return
		}
		tree, err := folder.Walk(path)
		if err != nil {
			t.Fatal(err)
		}
		out, names := retimetest.ReadZip(t, dst)
		for _, f := range tree.Files { // archive/zip would refuse some for what stands behind their bytes
			if b, err := folder.Small(f, 1<<20); err != nil || out[f.Name] != string(b) {
				t.Fatalf("%s: %v, %q became %q", f.Name, err, b, out[f.Name])
			}
		}
		names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "/") })
		if len(names) != len(tree.Files)+1 || names[len(names)-1] != retime.ManifestName || len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
			t.Fatalf("%v became %v", tree.Files, names)
		}
	})
}

// Whichever packed byte of a zip is wrong, the zip is to blame, not the table that it makes of it.
func TestWrongByteInAZip(t *testing.T) {
	gaze := "section id,recording id,timestamp [ns],worn,fixation id\n"
	row := strings.Builder{}
	for i := range 20_000 { // more than is read ahead of the row that is looked at
		fmt.Fprintf(&row, "s,r1,17000000%02d%06d015,1.0,%d\n", i/1000, i%1000*1000+i*i%1000, i*i)
	}
	gaze += row.String()
	path := plain.With(files{"gaze.csv": gaze}).Zip(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	blamed := 0
	for _, e := range z.File {
		if base := filepath.Base(e.Name); base != "gaze.csv" && base != "events.csv" && base != "info.json" {
			continue
		}
		from, err := e.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		for at := from; at < from+int64(e.CompressedSize64); at += 1 + int64(e.CompressedSize64)/150 {
			b := bytes.Clone(whole)
			b[at] ^= 1 << (at % 8)
			if err := os.WriteFile(path, b, 0o666); err != nil {
				t.Fatal(err)
			}
			rec, err := cloud.Open(path)
			if err == nil {
				_, err = rec.Check(context.Background(), second.Clocks(t), retime.Options{})
			}
			switch {
			case err == nil: // bits behind the last one that is used
			case !errors.Is(err, folder.ErrZip):
				t.Errorf("%s, byte %d of %d: %v", e.Name, at-from, e.CompressedSize64, err)
			default:
				blamed++
			}
		}
	}
	if blamed < 300 {
		t.Errorf("only %d bytes were found wrong", blamed)
	}
}
