//go:build ignore

// Command speed measures pialign beside cp and others: see .ci/speed and docs/performance.md.
package main

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

var node = flag.String("node", "", "where duckdb and polars are installed, and speed.mjs lies")

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

// way is one of the ways to do the same work. It makes out.
type way struct {
	name  string
	shell string
	after func(out string) error // looks at what was made
}

// table is some ways beside each other: the first is what the others are compared with.
type table struct {
	name string
	in   string // made by make, unless it is there
	make func(dir string) error
	ways []way
}

func run() error {
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		return err
	}
	if *make1 {
		for name, make := range map[string]func(string) error{"alignment.json": makeAlignment, "wander.json": makeWander, "stepped.json": makeStepped} {
			if err := once(name, make); err != nil {
				return err
			}
		}
	}
	apply := func(in string) string {
		return *bin + " apply --alignment alignment.json " + in + " --out out >log 2>&1"
	}
	with := func(alignment, in string) string { return strings.ReplaceAll(apply(in), "alignment.json", alignment) }
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cp := func(in string) way { return way{"cp -r", "mkdir out && cp -r " + in + " out/ && sync -f out", nil} }
	var tables []table
	tables = append(tables,
		table{"gaze", "gaze", makeGaze, []way{cp("gaze"),
			{"pialign apply", apply("gaze"), sized("gaze/gaze.csv", "gaze/gaze.csv", 0)},
			{"pialign apply, one core", "GOMAXPROCS=1 taskset -c 0 " + apply("gaze"), sized("gaze/gaze.csv", "gaze/gaze.csv", 0)},
			{"cp -r, one core", "taskset -c 0 sh -c 'mkdir out && cp -r gaze out/ && sync -f out'", nil},
			{"pialign apply, many segments", with("wander.json", "gaze"), sized("gaze/gaze.csv", "gaze/gaze.csv", 0)},
			{"pialign apply, a step", with("stepped.json", "gaze"), nil},
			{"pialign apply --mode add", apply("gaze") + " --mode add", nil},
			{"pialign apply --sha256", apply("gaze") + " --sha256", nil},
		}},
		table{"time", "native", makeNative, []way{cp("native"),
			{"pialign apply", apply("native"), sized("native/gaze ps1.time", "native/gaze ps1.time", 0)},
			{"pialign apply, one core", "GOMAXPROCS=1 taskset -c 0 " + apply("native"), nil},
			{"pialign apply, many segments", with("wander.json", "native"), nil},
			{"pialign apply, a step", with("stepped.json", "native"), nil},
		}},
		table{"video", "video", makeVideo, []way{cp("video"), {"pialign apply", apply("video"), sized("video/scene.mp4", "video/scene.mp4", 0)}}},
		table{"small", "small", makeSmall, []way{cp("small"),
			{"pialign apply, one folder", apply("small"), nil},
			{"pialign apply, every recording given", apply("small/*"), nil}}},
		table{"smallnative", "smallnative", makeSmallNative, []way{cp("smallnative"), {"pialign apply", apply("smallnative"), nil}}},
		table{"zip", "zipped", makeZip, []way{
			{"inflate and deflate alone", "mkdir out && " + self + " -dir . -only rezip", nil},
			{"pialign apply", apply("zipped/gaze.zip"), nil}}},
	)
	if *node != "" {
		csv := func(engine string) way {
			return way{engine, "mkdir out && node " + filepath.Join(*node, "speed.mjs") + " " + engine + " gaze/gaze.csv out/" + engine + ".csv && sync -f out",
				sized("gaze/gaze.csv", engine+".csv", 20)}
		}
		tables = append(tables, table{"engines", "gaze", makeGaze, []way{{"pialign apply", apply("gaze"), sized("gaze/gaze.csv", "gaze/gaze.csv", 0)}, csv("duckdb"), csv("polars")}})
		if help, _ := exec.Command(*bin, "apply", "--help").Output(); strings.Contains(string(help), "--format") {
			tables = append(tables, table{"parquet", "gaze", makeGaze, []way{
				{"duckdb", "mkdir out && node " + filepath.Join(*node, "speed.mjs") + " parquet gaze/gaze.csv out/gaze.parquet && sync -f out", nil},
				{"pialign apply --format parquet", apply("gaze") + " --format parquet", nil}}})
		}
	}
	if *only == "rezip" {
		return rezip(filepath.Join(*dir, "zipped", "gaze.zip"), filepath.Join(*dir, "out", "gaze.zip"))
	}
	for _, t := range tables {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), t.name) {
			continue
		}
		if *make1 {
			if err := once(t.in, t.make); err != nil {
				return err
			}
			continue
		}
		if err := t.measure(); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// measure runs the ways in turns and prints their medians.
func (t table) measure() error {
	type figure struct {
		wall, user, sys []float64
		rss             int64 // MiB
	}
	all := make([]figure, len(t.ways))
	for rep := range *reps + 1 { // the first one warms the page cache, and does not count
		for i := range t.ways {
			i = (i + rep) % len(t.ways) // nobody always comes after the same other
			w := t.ways[i]
			out := filepath.Join(*dir, "out")
			os.RemoveAll(out)
			c, wall, err := timed(w.shell)
			if err != nil {
				return err
			}
			if w.after != nil && rep == 0 {
				if err := w.after(out); err != nil {
					return fmt.Errorf("%s: %w", w.name, err)
				}
			}
			if rep == 0 {
				continue
			}
			f := &all[i]
			f.wall = append(f.wall, wall)
			f.user = append(f.user, c.UserTime().Seconds())
			f.sys = append(f.sys, c.SystemTime().Seconds())
			f.rss = max(f.rss, peak(c))
		}
	}
	os.RemoveAll(filepath.Join(*dir, "out"))
	fmt.Printf("\n| %s | median (least-most) s | ratio | user s | sys s | peak MiB |\n| --- | --- | --- | --- | --- | --- |\n", t.name)
	for i, f := range all {
		var ratios []float64 // of neighbours in time: what slows one slows the other
		for rep := range f.wall {
			ratios = append(ratios, f.wall[rep]/all[0].wall[rep])
		}
		fmt.Printf("| %s | %.2f (%.2f-%.2f) | %.2f | %.2f | %.2f | %d |\n", t.ways[i].name, median(f.wall), slices.Min(f.wall), slices.Max(f.wall),
			median(ratios), median(f.user), median(f.sys), f.rss)
	}
	return nil
}

// sized refuses a result that is not about as large as its input: some engines write nothing until they are asked twice.
func sized(in, out string, percent int64) func(string) error {
	return func(dirOut string) error {
		a, err := os.Stat(filepath.Join(*dir, in))
		if err != nil {
			return err
		}
		b, err := os.Stat(filepath.Join(dirOut, out))
		if err != nil {
			return err
		}
		if d := a.Size() - b.Size(); d > a.Size()*percent/100 || -d > a.Size()*percent/100 {
			return fmt.Errorf("%s has %d bytes, %s has %d", in, a.Size(), out, b.Size())
		}
		return nil
	}
}

// rezip unpacks and packs every entry again, in a row: what a zip to zip cannot do without.
func rezip(in, out string) error {
	r, err := zip.OpenReader(in)
	if err != nil {
		return err
	}
	defer r.Close()
	return made(out, func(w *bufio.Writer) {
		z := zip.NewWriter(w)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
		for _, e := range r.File {
			from, err := e.Open()
			if err != nil {
				return
			}
			to, _ := z.Create(e.Name)
			io.Copy(to, from)
			from.Close()
		}
		z.Close()
	})
}
