package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/probelog"
)

// demoResult is how well a session went, against the known truth.
type demoResult struct {
	Exchanges int        `json:"exchanges"`
	RTTMin    nanos      `json:"rtt_min_ns"`
	RTTMedian nanos      `json:"rtt_median_ns"`
	RTTMax    nanos      `json:"rtt_max_ns"`
	Drift     nanos      `json:"drift_e18"`
	TrueDrift nanos      `json:"true_drift_e18"`
	Samples   int        `json:"gaze_samples"`
	Span      nanos      `json:"span_ns"`
	Ours      demoErrors `json:"pialign"`
	Median    demoErrors `json:"constant_median"`
	HalfWidth *nanos     `json:"half_width_ns"`       // the widest 95 % interval over the gaze samples, and the widest bound; null where
	Bound     *nanos     `json:"bound_half_width_ns"` // there is none at one of them
	Outside   int        `json:"outside_bound"`       // samples whose truth the bound does not hold
	Recording string     `json:"recording"`
	Out       string     `json:"out,omitempty"`
}

// demoErrors are the distances of estimated host instants from the true ones.
type demoErrors struct {
	Max nanos `json:"max_error_ns"`
	RMS nanos `json:"rms_error_ns"`
}

// judge compares every gaze time of the re-timed recording, as it stands in the file, with the truth.
func (r *rig) judge(dir string, seed uint64) (demoResult, error) {
	m, err := r.madeUp(seed)
	if err != nil {
		return demoResult{}, err
	}
	host, err := readInstants(filepath.Join(dir, demoAligned, m.folder(), "gaze.csv"), "timestamp [ns]")
	if err != nil {
		return demoResult{}, err
	}
	f, err := alignfile.Read(filepath.Join(dir, demoSession, "alignment", m.deviceID+".json"))
	if err != nil {
		return demoResult{}, err
	}
	s, err := probelog.ReadSession(filepath.Join(dir, demoSession))
	if err != nil {
		return demoResult{}, err
	}
	devices := s.Devices()
	if len(devices) != 1 {
		return demoResult{}, fmt.Errorf("%d devices in the session, want 1", len(devices))
	}
	out, err := judgeInstants(m.gazeStamps(), host, m.clock, f.Alignment, devices[0].Samples())
	out.Recording = m.folder()
	return out, err
}

// judgeInstants compares host, the re-timed instants of device, with the truth, and so the constant median.
func judgeInstants(device []align.DeviceTime, host []align.HostTime, clock scenario.Clock, a *align.Alignment, samples []align.Sample) (demoResult, error) {
	if len(device) != len(host) || len(host) == 0 || len(samples) == 0 {
		return demoResult{}, fmt.Errorf("%d device instants, %d host instants, %d exchanges", len(device), len(host), len(samples))
	}
	out := demoResult{Exchanges: len(samples), Drift: nanos(a.Diagnosis.DriftE18), TrueDrift: nanos(clock.DriftE18),
		Samples: len(host), Span: nanos(host[len(host)-1].Sub(host[0]))}
	out.RTTMin, out.RTTMedian, out.RTTMax = spread(samples)
	median := align.ConstantMedian(samples)
	var ours, theirs errorSum
	for i, d := range device {
		at := clock.Host(d)
		if len(at) != 1 {
			return demoResult{}, fmt.Errorf("device instant %d stands for %d host instants", d, len(at))
		}
		e, err := a.Wall.Estimate(d)
		if err != nil {
			return demoResult{}, err
		}
		if e.Host != host[i] {
			return demoResult{}, fmt.Errorf("gaze sample %d is at %d in the file, the alignment says %d", i, host[i], e.Host)
		}
		if !e.Bounded || !e.Bound.Contains(at[0].Sub(e.Host)) {
			out.Outside++
		}
		ours.add(host[i].Sub(at[0]))
		theirs.add(align.HostTime(d).Add(median).Sub(at[0]))
	}
	first, last := slices.Min(device), slices.Max(device)
	out.HalfWidth, out.Bound = known(a.Wall.WorstHalfWidth(first, last)), known(a.Wall.WorstBoundHalfWidth(first, last))
	out.Ours, out.Median = ours.errors(), theirs.errors()
	return out, nil
}

// errorSum gathers distances.
type errorSum struct {
	n       int
	most    time.Duration
	squares float64
}

func (s *errorSum) add(d time.Duration) {
	s.n++
	s.most = max(s.most, d.Abs())
	s.squares += float64(d) * float64(d)
}

func (s *errorSum) errors() demoErrors {
	return demoErrors{Max: nanos(s.most), RMS: nanos(math.Sqrt(s.squares / float64(s.n)))}
}

// spread returns the least, the median and the greatest round trip.
func spread(samples []align.Sample) (least, median, most nanos) {
	var rtt []time.Duration
	for _, s := range samples {
		rtt = append(rtt, s.RoundTrip())
	}
	slices.Sort(rtt)
	return nanos(rtt[0]), nanos(rtt[len(rtt)/2]), nanos(rtt[len(rtt)-1])
}

// readInstants reads a column of a CSV file.
func readInstants(path, column string) ([]align.HostTime, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	n := slices.Index(header, column)
	if n < 0 {
		return nil, fmt.Errorf("%s: no column %q", path, column)
	}
	var out []align.HostTime
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		v, err := strconv.ParseInt(row[n], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, len(out)+2, err)
		}
		out = append(out, align.HostTime(v))
	}
}

// print tells people.
func (r demoResult) print(w io.Writer, took time.Duration) {
	d := func(n nanos) string { return ms(time.Duration(n)) }
	fmt.Fprintf(w, "measured  %d exchanges in two phases an hour apart, on a simulated clock\n", r.Exchanges)
	fmt.Fprintf(w, "          round trip %s at best, %s median, %s at worst\n", d(r.RTTMin), d(r.RTTMedian), d(r.RTTMax))
	fmt.Fprintf(w, "fitted    drift %s; the truth is %s\n", ppm(int64(r.Drift)), ppm(int64(r.TrueDrift)))
	fmt.Fprintf(w, "re-timed  a made-up recording of %s, %d gaze samples\n\n", span(time.Duration(r.Span)), r.Samples)

	row := func(what, most, rms string) { fmt.Fprintf(w, "%-32s %11s %11s\n", what, most, rms) }
	row("error against the truth", "max", "RMS")
	row("pialign", d(r.Ours.Max), d(r.Ours.RMS))
	row("constant median, usual recipe", d(r.Median.Max), d(r.Median.RMS))
	if r.Ours.Max > 0 && r.Ours.RMS > 0 {
		fmt.Fprintf(w, "\nThe usual recipe is off by %.0f times as much (RMS: %.0f times).\n",
			float64(r.Median.Max)/float64(r.Ours.Max), float64(r.Median.RMS)/float64(r.Ours.RMS))
	}
	fmt.Fprintf(w, "What pialign says of its times, at the widest: 95 %%: %s; bound: %s.\n", plusMinus(r.HalfWidth, "unknown"), plusMinus(r.Bound, "none"))
	if r.Outside == 0 {
		fmt.Fprintln(w, "The bound holds the truth at every gaze sample.")
	}
	if r.Out == "" {
		fmt.Fprintf(w, "\nTook %s. Nothing is left behind; pialign demo --out demo keeps the files to look at.\n", span(took))
		return
	}
	session := filepath.Join(r.Out, demoSession)
	fmt.Fprintf(w, "\nTook %s. The files are in %s; try:\n", span(took), quoted(r.Out))
	for _, line := range []string{
		"pialign inspect " + quoted(session),
		"pialign fit " + quoted(session),
		fmt.Sprintf("pialign apply --session %s %s --out again --mode add", quoted(session), quoted(filepath.Join(r.Out, demoRecordings, r.Recording))),
	} {
		fmt.Fprintf(w, "  %s\n", line)
	}
}
