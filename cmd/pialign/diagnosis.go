package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/alignfile"
)

// fitResult is what fit tells programs of one device.
type fitResult struct {
	DeviceID   string   `json:"device_id"`
	DeviceName string   `json:"device_name,omitempty"`
	Path       string   `json:"path,omitempty"`
	Digest     string   `json:"digest,omitempty"`
	Samples    int      `json:"samples"`
	Used       int      `json:"used"`
	Bursts     int      `json:"bursts"`
	DriftE18   nanos    `json:"drift_e18"`
	DriftSD    nanos    `json:"drift_sd_e18"`
	Method     string   `json:"method,omitempty"`
	HalfWidth  *nanos   `json:"half_width_ns"`       // the worst of the 95 % interval between the first and the last exchange; null where unknown
	StatWidth  *nanos   `json:"stat_half_width_ns"`  // the same without the allowance for unequal floors
	BoundWidth *nanos   `json:"bound_half_width_ns"` // of the hard bound; null where nothing bounds the truth
	Warnings   []string `json:"warnings,omitempty"`
	Error      string   `json:"error,omitempty"`
}

func newFitResult(f fitted, path string) fitResult {
	r := fitResult{DeviceID: f.device.ID, DeviceName: f.device.Name, Path: path, Digest: f.digest}
	if f.err != nil {
		r.Path, r.Digest, r.Error = "", "", f.err.Error()
		return r
	}
	d := f.file.Alignment.Diagnosis
	r.Samples, r.Used, r.Bursts, r.DriftE18 = d.Samples, d.Used, len(d.Bursts), nanos(d.DriftE18)
	r.Method, r.DriftSD = d.Method, nanos(d.DriftSDE18)
	w := widthsInside(f.file.Alignment)
	r.HalfWidth, r.StatWidth, r.BoundWidth = w.likely, w.stat, w.bound
	for _, w := range d.Warnings {
		r.Warnings = append(r.Warnings, w.Text)
	}
	return r
}

// widths are half-widths. Nil: not known, of a bound that there is none.
type widths struct{ likely, stat, bound *nanos }

// widthsInside returns the worst half-widths between the first and the last burst, on the wall clock if there is one. A recipe
// has a bound alone.
func widthsInside(a *align.Alignment) (w widths) {
	switch {
	case a.Wall != nil:
		w = worstWidths(a.Wall)
	case a.Mono != nil:
		w = worstWidths(a.Mono)
	}
	if recipeOf(a) != "" {
		w.likely, w.stat = nil, nil
	}
	return w
}

func worstWidths[T align.HostClock](m *align.Model[T]) widths {
	p := m.Parts()
	return widths{known(m.WorstHalfWidth(p.First, p.Last)), known(m.WorstStatHalfWidth(p.First, p.Last)), known(m.WorstBoundHalfWidth(p.First, p.Last))}
}

// known returns nil for what is not.
func known(d time.Duration, ok bool) *nanos {
	if !ok {
		return nil
	}
	n := nanos(d)
	return &n
}

func orUnknown(n *nanos) string {
	if n == nil {
		return "unknown"
	}
	return ms(time.Duration(*n))
}

// printDiagnosis tells people what the fit of one device found out.
func printDiagnosis(w io.Writer, f *alignfile.File) {
	a, d := f.Alignment, f.Alignment.Diagnosis
	name := deviceName(f.Device.ID)
	if f.Device.Name != "" {
		name += " (" + f.Device.Name + ")"
	}
	fmt.Fprintf(w, "device %s\n", name)
	fmt.Fprintf(w, "  exchanges  %d, used %d in %s\n", d.Samples, d.Used, counted(len(d.Bursts), "burst"))
	fmt.Fprintf(w, "  method     %s on the %s clock\n", or(d.Method, "an unknown one"), d.Base)
	fmt.Fprintf(w, "  drift      %s%s\n", ppm(d.DriftE18), driftSpread(d))
	printWidths(w, a)
	fmt.Fprintf(w, "  round trip %s at best; no assumption about delays shrinks the bound below half of it\n", ms(d.SmallestRTT))
	for i, p := range d.Paths {
		fmt.Fprintf(w, "  delays     path %d, %s: floor of the round trip %s +- %s; up %s, down %s\n", i+1, counted(p.Bursts, "burst"),
			ms(p.Floor), ms(p.FloorSD), delays(p.Up), delays(p.Down))
	}
	if a.Wall != nil {
		for _, s := range a.Wall.Parts().Steps {
			fmt.Fprintf(w, "  phone step host - device changed by %s between %s and %s\n", ms(s.By), instant(int64(s.From)), instant(int64(s.To)))
		}
	}
	for _, s := range a.HostSteps {
		fmt.Fprintf(w, "  host step  wall - monotonic changed by %s between %s and %s\n", ms(s.By), instant(int64(s.From)), instant(int64(s.To)))
	}
	printBursts(w, a)
	for _, warning := range d.Warnings {
		fmt.Fprintf(w, "pialign: warning: device %s: %s\n", deviceName(f.Device.ID), warning.Text)
	}
	if len(d.Assumptions) > 0 {
		fmt.Fprintln(w, "  the bound holds while:")
	}
	for _, s := range d.Assumptions {
		fmt.Fprintf(w, "    - %s\n", s)
	}
}

// printWidths tells how far a time between the bursts can be off.
func printWidths(w io.Writer, a *align.Alignment) {
	within := widthsInside(a)
	switch {
	case recipeOf(a) != "":
		fmt.Fprintf(w, "  interval   none: a recipe to compare with\n")
	case within.likely == nil:
		fmt.Fprintf(w, "  interval   not known everywhere between the bursts\n")
	default:
		fmt.Fprintf(w, "  interval   95 %%: +- %s at the widest between the bursts, +- %s without the allowance for unequal shortest delays\n",
			orUnknown(within.likely), orUnknown(within.stat))
	}
	if within.bound == nil {
		fmt.Fprintf(w, "  bound      none: somewhere between the bursts nothing bounds the truth\n")
		return
	}
	fmt.Fprintf(w, "  bound      +- %s at the widest between the bursts\n", orUnknown(within.bound))
}

// driftSpread writes how sure the drift is, where that is known.
func driftSpread(d align.Diagnosis) string {
	if d.DriftSDE18 == 0 {
		return ""
	}
	if !d.DriftKnown() {
		return fmt.Sprintf(" +- %s, as assumed of any phone: the exchanges do not tell", ppm(d.DriftSDE18))
	}
	return fmt.Sprintf(" +- %s at the beginning, wandering by %.2f ppm per square root of an hour", ppm(d.DriftSDE18), d.WanderPPM)
}

// delays writes a law of delays above their floor by what people can picture: where a tenth of them lies, and the tail.
func delays(l align.LawReport) string {
	return fmt.Sprintf("10 %% within %s, tail index %.1f", ms(l.Q10), l.Tail)
}

// printBursts tells of each burst: how many exchanges were kept, how long they took, and the offset there on the
// wall clock with its bound.
func printBursts(w io.Writer, a *align.Alignment) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  phase\tkept\tdropped\tround trip min\tmedian\t95 %\tmax\toffset\tbound +-")
	for _, b := range a.Diagnosis.Bursts {
		offset, bound := offsetAt(a, b.First+(b.Last-b.First)/2)
		fmt.Fprintf(t, "  %s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", b.Phase, b.Kept, b.Dropped,
			ms(b.RTTMin), ms(b.RTTMedian), ms(b.RTTP95), ms(b.RTTMax), offset, bound)
	}
	t.Flush()
}

// offsetAt writes host - device on the wall clock at p, and the half-width of its hard bound.
func offsetAt(a *align.Alignment, p align.DeviceTime) (offset, bound string) {
	if a.Wall == nil {
		return "unknown", "unknown"
	}
	e, err := a.Wall.Estimate(p)
	switch {
	case errors.Is(err, align.ErrAmbiguous):
		return "ambiguous", "ambiguous"
	case err != nil:
		return "unknown", "unknown"
	}
	offset, bound = ms(time.Duration(int64(e.Host)-int64(p))), "unbounded"
	if e.Bounded {
		bound = ms(e.Bound.HalfWidth())
	}
	return offset, bound
}
