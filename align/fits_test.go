package align_test

import (
	"bufio"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// logs returns the folders of simulated logs with truth beside the checkout, and skips where there are none.
func logs(t *testing.T) []string {
	t.Helper()
	dirs, _ := filepath.Glob(filepath.Join("..", "..", "shared", "data", "fits", "*_[0-9][0-9]"))
	if len(dirs) == 0 {
		if os.Getenv("PIALIGN_REQUIRE_DATA") != "" {
			t.Fatal("../shared/data/fits is required and absent")
		}
		t.Skip("../shared/data/fits is absent")
	}
	return dirs
}

// table reads the integer columns of a CSV without quotes; an empty cell is absent from its row.
func table(t *testing.T, path string) []map[string]int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Scan()
	names := strings.Split(sc.Text(), ",")
	var out []map[string]int64
	for sc.Scan() {
		row := map[string]int64{}
		for i, cell := range strings.Split(sc.Text(), ",") {
			if v, err := strconv.ParseInt(cell, 10, 64); err == nil {
				row[names[i]] = v
			} else if names[i] == "phase" {
				for _, c := range cell { // a phase needs only be told from others
					row["phase"] = row["phase"]*31 + int64(c)
				}
			}
		}
		out = append(out, row)
	}
	return out
}

func samplesOf(t *testing.T, dir string) []align.Sample {
	t.Helper()
	var out []align.Sample
	for i, r := range table(t, filepath.Join(dir, "triples.csv")) {
		out = append(out, align.Sample{A: align.HostTime(r["ts_A_ns"]), B: align.HostTime(r["ts_B_ns"]), E: align.DeviceTime(r["ts_E_ns"]),
			MonoA: align.MonoTime(r["mono_A_ns"]), MonoB: align.MonoTime(r["mono_B_ns"]), Phase: strconv.FormatInt(r["phase"], 10), Seq: int64(i)})
	}
	return out
}

// score is how an alignment does against truth.
type score struct {
	rms        time.Duration
	outside, n int // instants outside the hard bound, of those judged
	covered    int
	width      time.Duration // largest bound width seen
}

func judge(t *testing.T, al *align.Alignment, dir string) score {
	t.Helper()
	var s score
	sum := 0.0
	for _, r := range table(t, filepath.Join(dir, "expected.csv")) {
		if r["ambiguous"] != 0 {
			continue
		}
		est, err := al.Wall.Estimate(align.DeviceTime(r["device_ns"]))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(dir), err)
			continue
		}
		diff := align.HostTime(r["true_host_ns"]).Sub(est.Host) // truth - estimate
		sum += float64(diff) * float64(diff)
		s.n++
		if est.Bounded && !est.Bound.Contains(diff) {
			s.outside++
		}
		if est.Rated && est.Likely.Contains(diff) {
			s.covered++
		}
		s.width = max(s.width, est.Bound.Width())
	}
	s.rms = time.Duration(math.Sqrt(sum / float64(s.n)))
	return s
}

// prototypeRMS is what a prototype of the method answers, by the same reckoning.
func prototypeRMS(t *testing.T, dir string) time.Duration {
	sum, n := 0.0, 0.0
	for _, r := range table(t, filepath.Join(dir, "expected.csv")) {
		if r["ambiguous"] != 0 {
			continue
		}
		d := float64(r["true_host_ns"] - r["prototype_host_ns"])
		sum += d * d
		n++
	}
	return time.Duration(math.Sqrt(sum / n))
}

func TestSimulatedLogs(t *testing.T) {
	var ours, theirs, covered, worst float64
	dirs := logs(t)
	worst = 1
	for _, dir := range dirs {
		name := filepath.Base(dir)
		al, err := align.Fit(samplesOf(t, dir), align.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s := judge(t, al, dir)
		p := prototypeRMS(t, dir)
		share := float64(s.covered) / float64(s.n)
		ours, theirs, covered, worst = ours+math.Log(float64(s.rms)), theirs+math.Log(float64(p)), covered+share, min(worst, share)
		t.Logf("%-20s rms %10v (prototype %10v)  covered %.3f  bound %10v  %v", name, s.rms, p, share, s.width, al.Diagnosis.Warnings)
		if s.outside > 0 {
			t.Errorf("%s: %d of %d instants outside the bound", name, s.outside, s.n)
		}
	}
	n := float64(len(dirs))
	us, them := time.Duration(math.Exp(ours/n)), time.Duration(math.Exp(theirs/n))
	t.Logf("geometric mean %v (prototype %v), mean coverage %.4f, worst %.3f", us, them, covered/n, worst)
	if us > them {
		t.Errorf("geometric mean of the RMS errors is %v, the prototype's %v", us, them)
	}
	if covered/n < 0.95 {
		t.Errorf("the 95 %% intervals cover %.1f %%", 100*covered/n)
	}
}
