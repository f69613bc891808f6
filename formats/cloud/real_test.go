package cloud_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// realFolders are the Pupil Cloud folders of the data set, and how many of their events a sender has stamped.
var realFolders = map[string]int{
	"invisible-cloud-2023-glassesValidator":                       0,
	"invisible-cloud-trampoline_01-EyeDentify3d":                  0,
	"neon-cloud-2024-pl-neon-matlab/2024-09-17_11-06-49-171c4f52": 10,
	"neon-cloud-2024-pl-neon-matlab":                              10, // the folder around it, as a download would be
	"neon-markermapper-2025-testingPupilLabs":                     0,
}

// eachReal runs a test on every real folder, or skips where there are none.
func eachReal(t *testing.T, test func(t *testing.T, dir string, senders int)) {
	root := filepath.Join("..", "..", "..", "shared", "data", "real")
	if _, err := os.Stat(root); err != nil {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatalf("real recordings are required: %v", err)
		}
		t.Skipf("no real recordings: %v", err)
	}
	for name, senders := range realFolders {
		t.Run(name, func(t *testing.T) { test(t, filepath.Join(root, filepath.FromSlash(name)), senders) })
	}
}

type line = retimetest.Line

var (
	identity = line{Ref: 1_700_000_000_000_000_000}
	second   = line{Ref: 1_700_000_000_000_000_000, Offset: time.Second, DriftE18: 20_000_000_000_000} // +1 s, +20 ppm
)

// retimed runs Retime on dir and returns the result's folder.
func retimed(t *testing.T, dir string, clocks retime.Clocks, opt retime.Options) (string, *retime.Report) {
	t.Helper()
	rec, err := cloud.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	rep, err := rec.Retime(context.Background(), out, clocks, opt)
	if err != nil {
		t.Fatal(err)
	}
	return out, rep
}

func TestRealIdentityIsByteIdentical(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		out, rep := retimed(t, dir, identity.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice})
		if err := retimetest.Same(retimetest.Read(t, dir), retimetest.Read(t, out)); err != nil {
			t.Error(err)
		}
		for _, f := range rep.Files {
			if f.Input == "" || f.Input != f.Output {
				t.Errorf("%s: digests %q and %q", f.Name, f.Input, f.Output)
			}
		}
	})
}

func TestRealSenderStamps(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, senders int) {
		rec, err := cloud.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out")
		_, err = rec.Retime(context.Background(), out, second.Clocks(t), retime.Options{})
		var se *retime.SenderError
		switch {
		case senders == 0 && err != nil:
			t.Fatal(err)
		case senders == 0:
			return
		case !errors.As(err, &se) || !errors.Is(err, retime.ErrSenderStamps) || se.Total != senders || len(se.Stamps) != senders:
			t.Fatalf("got %v, want %d stamps", err, senders)
		}
		for _, want := range []string{"row 3", "Picture_01_start", "1726564023815368000"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in %v", want, err)
			}
		}
		if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
			t.Error("something was written")
		}
		// On the host's clock: those rows stay, and everything else moves.
		out, _ = retimed(t, dir, second.Clocks(t), retime.Options{SenderStamps: retime.SenderHost})
		for name, b := range retimetest.Read(t, out) {
			if filepath.Base(name) == "events.csv" {
				if n := strings.Count(b, "_start,") + strings.Count(b, "_end,"); n != senders || !strings.Contains(b, ",1726564023815368000,Picture_01_start") ||
					strings.Contains(b, "1726564009276000000,recording.begin") {
					t.Errorf("events.csv is\n%s", b)
				}
			}
		}
	})
}

// absolute is an instant of 2020 to 2027 in ns; nothing else in the files has 19 digits.
var absolute = regexp.MustCompile(`\b1[67]\d{17}\b`)

// moved checks that every instant of in stands in out as its image under l, and that nothing else differs. It knows
// nothing about columns: an instant is what has the digits of one.
func moved(l line, in, out map[string]string) error {
	for name, b := range in {
		got, ok := out[name]
		if !ok {
			return fmt.Errorf("%s is missing", name)
		}
		want := absolute.ReplaceAllStringFunc(b, func(s string) string {
			var v big.Int
			v.SetString(s, 10)
			return fmt.Sprint(l.Host(v.Int64()))
		})
		if got != want {
			for i, line := range strings.Split(want, "\n") {
				if have := strings.Split(got, "\n"); i >= len(have) || have[i] != line {
					return fmt.Errorf("%s, line %d: want %q", name, i+1, line)
				}
			}
			return fmt.Errorf("%s differs", name)
		}
	}
	return nil
}

func TestRealTimesMoveByTheModelsInteger(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		out, rep := retimed(t, dir, second.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice})
		in, got := retimetest.Read(t, dir), retimetest.Read(t, out)
		if err := moved(second, in, got); err != nil {
			t.Error(err)
		}
		n := 0
		for _, f := range rep.Files {
			for _, s := range f.Spans {
				n += s.Cells
			}
		}
		want := 0
		for _, b := range in {
			want += len(absolute.FindAllString(b, -1))
		}
		if n != want || n == 0 {
			t.Errorf("%d times reported, %d in the files", n, want)
		}
		// The helper must notice a clock that is wrong by 1 ns, or runs the other way.
		for _, wrong := range []line{
			{Ref: second.Ref, Offset: second.Offset + 1, DriftE18: second.DriftE18},
			{Ref: second.Ref, Offset: second.Offset, DriftE18: -second.DriftE18},
			{Ref: second.Ref, Offset: -second.Offset, DriftE18: second.DriftE18},
		} {
			for name := range in { // every table with times alone gives it away
				if filepath.Base(name) == "blinks.csv" || filepath.Base(name) == "sections.csv" {
					if moved(wrong, files{name: in[name]}, got) == nil {
						t.Errorf("%s: a result of %+v passes as %+v", name, second, wrong)
					}
				}
			}
		}
		if err := relations(got); err != nil {
			t.Error(err)
		}
	})
}

func TestRealAddedColumnsComeOffAgain(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		in := retimetest.Read(t, dir)
		for _, c := range []struct {
			opt    retime.Options
			prefix string
			base   line // of the columns that are left
		}{
			{retime.Options{Mode: retime.Add}, "host ", identity},
			{retime.Options{KeepDeviceTime: true}, "device ", second},
		} {
			c.opt.SenderStamps = retime.SenderDevice
			out, _ := retimed(t, dir, second.Clocks(t), c.opt)
			got := retimetest.Read(t, out)
			added := 0
			for name, b := range got {
				if filepath.Ext(name) == ".csv" {
					var n int
					got[name], n = dropColumns(b, c.prefix)
					added += n
				}
			}
			if c.opt.Mode == retime.Add {
				if err := retimetest.Same(in, got); err != nil {
					t.Errorf("%s: %v", c.prefix, err)
				}
			} else if err := moved(c.base, in, got); err != nil {
				t.Errorf("%s: %v", c.prefix, err)
			}
			if added == 0 {
				t.Errorf("%s: no column was added", c.prefix)
			}
		}
	})
}

// dropColumns takes columns out of a table whose text cells hold no comma but for quoted ones at the end of a quote.
func dropColumns(table, prefix string) (string, int) {
	var drop []int
	lines := strings.SplitAfter(table, "\n")
	for i, line := range lines {
		body := strings.TrimRight(line, "\r\n")
		cells := strings.Split(body, ",")
		if i == 0 {
			for j, c := range cells {
				if strings.HasPrefix(c, prefix) {
					drop = append(drop, j)
				}
			}
		}
		for _, j := range slices.Backward(drop) {
			if j < len(cells) {
				cells = slices.Delete(cells, j, j+1)
			}
		}
		lines[i] = strings.Join(cells, ",") + line[len(body):]
	}
	return strings.Join(lines, ""), len(drop)
}

// column returns the cells of a simple table's column; it has no quoted commas.
func column(table, name string) []string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(table, "\r", ""), "\n"), "\n")
	at := slices.Index(strings.Split(lines[0], ","), name)
	if at < 0 {
		return nil
	}
	var cells []string
	for _, line := range lines[1:] {
		cells = append(cells, strings.Split(line, ",")[at])
	}
	return cells
}

// relations checks what export-formats 9.1 says of real recordings, per folder.
func relations(files map[string]string) error {
	folders := map[string]map[string]string{}
	for name, b := range files {
		dir, base := filepath.Split(name)
		if folders[dir] == nil {
			folders[dir] = map[string]string{}
		}
		folders[dir][base] = b
	}
	checked := 0
	for _, f := range folders {
		gaze := map[string]bool{}
		for _, c := range column(f["gaze.csv"], "timestamp [ns]") {
			gaze[c] = true
		}
		enrichment := f["sections.csv"] != ""
		for _, table := range []string{"fixations.csv", "blinks.csv", "saccades.csv"} {
			for i, c := range column(f[table], "start timestamp [ns]") {
				if checked++; !gaze[c] && !enrichment { // a section may begin within a fixation
					return fmt.Errorf("%s: start %d, %s, is no gaze time", table, i, c)
				}
			}
		}
		if eyes := column(f["3d_eye_states.csv"], "timestamp [ns]"); eyes != nil {
			if checked++; !slices.Equal(eyes, column(f["gaze.csv"], "timestamp [ns]")) {
				return errors.New("3d_eye_states.csv and gaze.csv differ in times")
			}
		}
		if starts, ends := column(f["fixations.csv"], "start timestamp [ns]"), column(f["saccades.csv"], "end timestamp [ns]"); ends != nil {
			for _, c := range ends {
				if checked++; !slices.Contains(starts, c) {
					return fmt.Errorf("saccade end %s is no fixation start", c)
				}
			}
		}
		if info, events := f["info.json"], f["events.csv"]; info != "" && events != "" {
			begin := column(events, "timestamp [ns]")[0]
			if checked++; !strings.Contains(info, `"start_time": `+begin+",") {
				return fmt.Errorf("recording.begin %s is not start_time", begin)
			}
		}
		if t := column(f["world_timestamps.csv"], "timestamp [ns]"); t != nil {
			if checked++; !slices.IsSorted(t) { // all have 19 digits: text sorts as numbers do
				return errors.New("world_timestamps.csv is out of order")
			}
		}
	}
	if checked == 0 {
		return errors.New("no relation was checked")
	}
	return nil
}

// TestRelationsAreNoticed: a table that went through another clock than the rest breaks a relation.
func TestRelationsAreNoticed(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		if strings.Contains(dir, "markermapper") {
			t.Skip("its sections begin within fixations")
		}
		files := retimetest.Read(t, dir)
		for name, b := range files {
			if filepath.Base(name) == "gaze.csv" {
				files[name] = absolute.ReplaceAllStringFunc(b, func(s string) string {
					var v big.Int
					v.SetString(s, 10)
					return fmt.Sprint(v.Int64() + 1)
				})
			}
		}
		if relations(files) == nil {
			t.Error("gaze.csv moved by 1 ns and nothing was noticed")
		}
	})
}

func TestResultIsTheSameTwice(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		opt := retime.Options{SenderStamps: retime.SenderDevice, Program: "pialign test"}
		a, _ := retimed(t, dir, second.Clocks(t), opt)
		b, _ := retimed(t, dir, second.Clocks(t), opt)
		x, y := retimetest.Read(t, a), retimetest.Read(t, b)
		if x[retime.ManifestName] == "" || x[retime.ManifestName] != y[retime.ManifestName] {
			t.Error("pialign.json differs")
		}
		if _, err := cloud.Open(a); !errors.Is(err, retime.ErrRetimed) {
			t.Errorf("a result is opened again: %v", err)
		}
		if bytes.Contains([]byte(x[retime.ManifestName]), []byte(os.TempDir())) {
			t.Error("pialign.json names a folder of this machine")
		}
	})
}
