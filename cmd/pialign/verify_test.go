package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/digest"
)

// realRecordings are folders of the data set, and what apply is asked beside the defaults.
var realRecordings = map[string][]string{
	"invisible-cloud-2023-glassesValidator":                       {"--sha256"},
	"invisible-cloud-trampoline_01-EyeDentify3d":                  {"--clock", "lsl"},
	"neon-cloud-2024-pl-neon-matlab/2024-09-17_11-06-49-171c4f52": {"--sender-stamps", "device"},
	"neon-native-demo_recording-pl-neon-recording":                {},
	"neon-markermapper-2025-testingPupilLabs":                     {"--mode", "add"},
	"neon-markermapper-2025-testingPupilLabs/.":                   {"--mode", "add", "--format", "parquet"},
}

// TestVerifyFindsEveryByte flips one byte of a re-timed recording at a time.
func TestVerifyFindsEveryByte(t *testing.T) {
	t.Run("made up", func(t *testing.T) {
		dir := t.TempDir()
		same := func(path string) string { return filepath.Join(dir, path) }
		if err := makeRecording(same, []string{"in/rec"}); err != nil {
			t.Fatal(err)
		}
		findsEveryByte(t, dir, filepath.Join(dir, "in", "rec"), nil)
	})
	t.Run("made up, zipped", func(t *testing.T) {
		dir := t.TempDir()
		same := func(path string) string { return filepath.Join(dir, path) }
		if err := makeRecording(same, []string{"rec"}); err != nil {
			t.Fatal(err)
		}
		if err := pack(same("rec"), same("in/rec.zip")); err != nil {
			t.Fatal(err)
		}
		findsEveryByte(t, dir, same("in/rec.zip"), nil)
	})
	if raceDetector {
		return // verify is the same for them, and takes ten times as long
	}
	root := filepath.Join("..", "..", "..", "shared", "data", "real")
	if _, err := os.Stat(root); err != nil {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatalf("real recordings are required: %v", err)
		}
		t.Skipf("no real recordings: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(realRecordings)) {
		t.Run(name, func(t *testing.T) {
			in := filepath.Join(root, filepath.FromSlash(name))
			findsEveryByte(t, t.TempDir(), in, realRecordings[name])
		})
	}
}

// findsEveryByte re-times in and has every flip found.
func findsEveryByte(t *testing.T, dir, in string, options []string) {
	same := func(path string) string { return filepath.Join(dir, path) }
	rec, err := formats.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	report, err := formats.Summary(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	first, last := report.Recordings[0].First, report.Recordings[0].Last
	for _, r := range report.Recordings {
		first, last = min(first, r.First), max(last, r.Last)
	}
	// Phases around all recordings of the folder, a day apart, as far as an alignment reaches.
	const gap = 24 * time.Hour
	at := time.Duration(int64(first)-int64(scriptStart)) - gap/2
	phases := "0,1"
	for i := range int(last.Sub(first) / gap) {
		phases += fmt.Sprintf(",%d", i+2)
	}
	if err := makeTriples(same, []string{"-at", at.String(), "-phases", phases, "-gap", gap.String(), "log.csv"}); err != nil {
		t.Fatal(err)
	}
	must := func(args ...string) {
		t.Helper()
		if code, _, talk := command(t.Context(), args...); code != exitDone {
			t.Fatalf("pialign %s: exit code %d\n%s", strings.Join(args, " "), code, talk)
		}
	}
	imported := []string{"import", "triples", same("log.csv"), "--session", same("p01")}
	if ids := rec.DeviceIDs(); len(ids) > 0 {
		imported = append(imported, "--device-id", ids[0])
	}
	must(imported...)
	must("fit", same("p01"), "-o", same("alignment.json"))
	must(append([]string{"apply", "--alignment", same("alignment.json"), in, "--out", same("out")}, options...)...)
	before := snapshot(t, dir, in)
	verify := []string{"verify", same("out"), "--inputs", in, "--alignment", same("alignment.json")}
	must(verify...)
	flips := 0
	err = filepath.WalkDir(same("out"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		where := places(len(b))
		if filepath.Ext(path) == ".zip" && !raceDetector { // one file of many: also each byte of its directory, all of which is in the last few
			for i := range 50 {
				where = append(where, i*len(b)/50)
			}
			for i := len(b) - 700; i < len(b); i += 5 {
				where = append(where, i)
			}
		}
		for _, i := range where {
			b[i] ^= 1 << (i % 8)
			err := os.WriteFile(path, b, 0o666)
			b[i] ^= 1 << (i % 8)
			if err != nil {
				return err
			}
			flips++
			code, out, talk := command(t.Context(), verify...)
			// A pialign.json of a newer version cannot be checked, nor a zip without one: 1.
			unchecked := code == exitFailed && (strings.Contains(out, "is newer than this program knows") || strings.Contains(out, "there is no pialign.json in the zip"))
			if code != exitPartial && !unchecked || !strings.Contains(out, e.Name()) {
				t.Errorf("byte %d of %s: exit code %d\n%s%s", i, e.Name(), code, out, talk)
			}
		}
		return os.WriteFile(path, b, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
	must(verify...)
	if flips < 15 && !raceDetector || flips == 0 {
		t.Errorf("only %d flips", flips)
	}
	if after := snapshot(t, dir, in); !maps.Equal(before, after) {
		t.Error("verify has written something")
	}
	t.Logf("%d flips", flips)
}

// places are the bytes to flip of a file of n: the ends and one in between, of a small file each 97th.
func places(n int) []int {
	const small = 4 << 10
	var out []int
	switch {
	case n == 0:
	case raceDetector: // which makes it ten times as long
		out = []int{n / 3}
	case n <= small:
		for i := 0; i < n; i += 97 {
			out = append(out, i)
		}
		out = append(out, n-1)
	default:
		out = []int{0, n / 3, n - 1}
	}
	return out
}

// snapshot is the digest of every file below some folders.
func snapshot(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if all[path] = "folder"; !e.IsDir() {
				all[path], err = digest.File(path, false)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// pack makes a zip of a folder.
func pack(dir, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	w := zip.NewWriter(out)
	return errors.Join(w.AddFS(os.DirFS(dir)), w.Close(), out.Close())
}

// madeSession makes a session p01 and the recording in/rec.
func madeSession(t *testing.T, same func(string) string) {
	t.Helper()
	if err := makeTriples(same, []string{"log.csv"}); err != nil {
		t.Fatal(err)
	}
	if err := makeRecording(same, []string{"in/rec"}); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := command(t.Context(), "import", "triples", same("log.csv"), "--session", same("p01"), "--device-id", "fa4e000000000001"); code != exitDone {
		t.Fatal(fmt.Errorf("exit code %d: %s", code, talk))
	}
}
