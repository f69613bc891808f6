//go:build ignore

// Command batchspeed measures batch plan and batch run: see .ci/batchspeed and docs/performance.md.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// set is a made-up data set: so many recordings, each with so many rows of gaze and so many bytes of video.
type set struct {
	name           string
	n, rows, video int
	sessions       int
}

// way is one of the ways to do the same work in out, which is empty.
type way struct{ name, shell string }

// table is some ways beside each other; gains are ratios of two of them in the same round.
type table struct {
	name  string
	of    set
	keep  bool // out stays as it is: what is there is done
	ways  []way
	gains []gain
}

// gain is how many times as long the first way takes as the second.
type gain struct {
	name      string
	over, two int
}

func main() {
	flag.Parse()
	for _, t := range tables() {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), t.name) {
			continue
		}
		err := t.of.make()
		if err == nil && !*make1 {
			err = t.measure()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "batchspeed:", t.name, err)
			os.Exit(1)
		}
	}
}

func tables() []table {
	large := set{name: "large", n: 40, rows: 300_000, video: 16 << 20, sessions: 10} // some 42 MB of gaze each, half an hour
	small := set{name: "small", n: 2000, rows: 500, sessions: 20}
	many := set{name: "many", n: 10_000, rows: 5, sessions: 500}
	long := set{name: "long", n: 4, rows: 3_000_000, sessions: 1} // four hours each
	run := func(plan, flags string) string {
		return *bin + " batch run " + plan + "/plan.jsonl --out out " + flags + " >log 2>&1"
	}
	one := "GOMAXPROCS=1 "
	halves := func(of set, cp func(half string) string) string {
		return fmt.Sprintf("mkdir out; %s & %s & wait; sync -f out", cp(of.name+"/r?????[02468]"), cp(of.name+"/r?????[13579]"))
	}
	workers := func(of set) table {
		return table{name: of.name, of: of, ways: []way{
			{"cp -r, one", "mkdir out; cp -r " + of.name + "/r* out/; sync -f out"},
			{"cp -r, two of half each", halves(of, func(half string) string { return "cp -r " + half + " out/" })},
			{"batch run, one worker on one core", one + run(of.name, "--jobs 1")},
			{"batch run, two workers on two cores", run(of.name, "--jobs 2")},
			{"two shards at a time, each on one core", one + run(of.name, "--jobs 1 --shard 1/2") + " & " + one + strings.Replace(run(of.name, "--jobs 1 --shard 2/2"), ">log", ">log2", 1) + " & wait"},
			{"batch run, one worker on two cores", run(of.name, "--jobs 1")},
		}, gains: []gain{{"two copies to one", 0, 1}, {"two workers to one", 2, 3}, {"two shards to one", 2, 4}, {"two workers to one that has both cores", 5, 3}}}
	}
	return []table{
		workers(large), workers(small),
		{name: "done", of: large, keep: true, ways: []way{
			{"reading all files, two at a time", "find large -type f | xargs -P 2 -n 20 cat >/dev/null"},
			{"batch run, all is done", run("large", "")},
		}, gains: []gain{{"reading to batch run", 0, 1}}},
		{name: "plan", of: many, ways: []way{
			{"find", "find many -type f | wc -l >/dev/null"},
			{"batch plan of 10 000", *bin + " batch plan many -o many/plan.jsonl >log 2>&1"},
		}},
		{name: "memory", of: long, ways: []way{
			{"two of 410 MB at a time", run("long", "--jobs 2")},
			{"two as Parquet", run("long", "--format parquet --jobs 1")},
			{"as Feather", run("long", "--format feather --jobs 1")},
		}},
		{name: "memorymany", of: many, ways: []way{{"10 000 recordings of 2 kB", run("many", "")}}},
	}
}

// make makes the data set, unless it is there.
func (s set) make() error {
	place := filepath.Join(*dir, s.name)
	if _, err := os.Stat(filepath.Join(place, "plan.jsonl")); err == nil {
		return nil
	}
	os.RemoveAll(place)
	n := max(s.n / *share, 2)
	sessions := max(min(s.sessions, n), 1)
	for i := range n {
		if err := s.recording(filepath.Join(place, fmt.Sprintf("r%06d", i)), i, i%sessions); err != nil {
			return err
		}
	}
	for i := range sessions {
		if err := session(filepath.Join(place, "sessions", fmt.Sprintf("s%04d", i)), i); err != nil {
			return err
		}
	}
	return command(*bin, "batch", "plan", place, "-o", filepath.Join(place, "plan.jsonl"))
}

// start is when all sessions begin, by both clocks.
const start = 1_780_000_000_000_000_000

func phone(i int) string { return fmt.Sprintf("fa4e%012x", i) }

// session makes one of two bursts, five hours apart.
func session(place string, i int) error {
	log := filepath.Join(*dir, "log.csv")
	f, err := os.Create(log)
	if err != nil {
		return err
	}
	fmt.Fprintln(f, "ts_A_ns,ts_E_ns,ts_B_ns,phase")
	for p, phase := range []string{"start", "end"} {
		for k := range int64(100) {
			at := start + int64(p)*5*3600e9 + k*100e6
			fmt.Fprintf(f, "%d,%d,%d,%s\n", at, (at+3e6+k*7919%1e6)/1e6*1e6, at+6e6+k*104729%4e6, phase)
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	return command(*bin, "import", "triples", log, "--session", place, "--device-id", phone(i))
}

// recording makes one as Pupil Cloud gives it.
func (s set) recording(place string, i, session int) error {
	if err := os.MkdirAll(place, 0o777); err != nil {
		return err
	}
	const begin = start + 600e9
	id := fmt.Sprintf("%08x-0000-4000-8000-000000000000", i)
	files := map[string]func(w *bufio.Writer){
		"info.json": func(w *bufio.Writer) {
			fmt.Fprintf(w, `{"android_device_id": %q, "data_format_version": "1.4", "duration": %d, "recording_id": %q, "start_time": %d}`, phone(session), s.rows*5_000_000, id, int64(begin))
		},
		"events.csv": func(w *bufio.Writer) {
			fmt.Fprintf(w, "recording id,timestamp [ns],name,type\n%s,%d,recording.begin,recording\n", id, int64(begin))
		},
		"gaze.csv": func(w *bufio.Writer) {
			fmt.Fprintln(w, "section id,recording id,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],elevation [deg]")
			for k := range s.rows {
				fmt.Fprintf(w, "6b1d0d1c-54a3-4e0e-9a53-0f8f1d3c7a21,%s,%d,%d.%03d,%d.%03d,1,%d,,%d.%06d,-3.2%05d\n", id, int64(begin)+int64(k)*5_000_137, 500+k%400, k%1000, 300+k%500, k*7%1000, k/60, k%12, k%1000000, k%100000)
			}
		},
	}
	if s.video > 0 {
		files["scene.mp4"] = func(w *bufio.Writer) {
			b := make([]byte, s.video)
			for k := range b {
				b[k] = byte(k * (k >> 8) >> 3)
			}
			_, _ = w.Write(b)
		}
	}
	for name, write := range files {
		f, err := os.Create(filepath.Join(place, name))
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(f, 1<<20)
		write(w)
		if err := w.Flush(); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

func command(name string, args ...string) error {
	if b, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, b)
	}
	return nil
}

// measure runs the ways in turns and prints their medians, and the medians of the gains.
func (t table) measure() error {
	walls := make([][]float64, len(t.ways))
	peaks := make([]int64, len(t.ways))
	for rep := range *reps + 1 { // the first one warms the page cache, and does not count
		for i := range t.ways {
			i = (i + rep) % len(t.ways) // nobody always comes after the same other
			if out := filepath.Join(*dir, "out"); !t.keep || rep == 0 {
				os.RemoveAll(out)
			}
			c, wall, err := timed(t.ways[i].shell)
			if err != nil {
				return err
			}
			peaks[i] = max(peaks[i], peak(c))
			if rep > 0 {
				walls[i] = append(walls[i], wall)
			}
		}
	}
	fmt.Printf("\n| %s: %d recordings | seconds, median (least-most) | peak MiB |\n| --- | --- | --- |\n", t.name, max(t.of.n / *share, 2))
	for i, w := range t.ways {
		fmt.Printf("| %s | %.2f (%.2f-%.2f) | %d |\n", w.name, median(walls[i]), slices.Min(walls[i]), slices.Max(walls[i]), peaks[i])
	}
	for _, g := range t.gains {
		var ratios []float64
		for k := range walls[g.over] {
			ratios = append(ratios, walls[g.over][k]/walls[g.two][k])
		}
		fmt.Printf("| %s | %.2f (%.2f-%.2f) | |\n", g.name, median(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	return nil
}
