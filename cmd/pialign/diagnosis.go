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
	HalfWidth  nanos    `json:"half_width_ns"`      // the worst of the 95 % interval between the first and the last exchange
	StatWidth  nanos    `json:"stat_half_width_ns"` // the same without the allowance for unequal floors
	Warnings   []string `json:"warnings,omitempty"`
	Error      string   `json:"error,omitempty"`

	rated bool // HalfWidth is known
}

func newFitResult(f fitted, path string) fitResult {
	r := fitResult{DeviceID: f.device.ID, DeviceName: f.device.Name, Path: path, Digest: f.digest}
	if f.err != nil {
		r.Path, r.Digest, r.Error = "", "", f.err.Error()
		return r
	}
	d := f.file.Alignment.Diagnosis
	r.Samples, r.Used, r.Bursts, r.DriftE18 = d.Samples, d.Used, len(d.Bursts), nanos(d.DriftE18)
	w, rated := worstInside(f.file.Alignment)
	r.HalfWidth, r.rated, r.DriftSD = nanos(w), rated, nanos(d.DriftSDE18)
	if m := f.file.Alignment.Wall; m != nil {
		p := m.Parts()
		stat, _ := m.WorstStatHalfWidth(p.First, p.Last)
		r.StatWidth = nanos(stat)
	}
	for _, w := range d.Warnings {
		r.Warnings = append(r.Warnings, w.Text)
	}
	return r
}

func (r fitResult) halfWidth() string {
	if !r.rated {
		return "unknown"
	}
	return ms(time.Duration(r.HalfWidth))
}

// worstInside returns the worst 95 % half-width between the first and the last burst.
func worstInside(a *align.Alignment) (time.Duration, bool) {
	if a.Wall == nil {
		return 0, false
	}
	p := a.Wall.Parts()
	return a.Wall.WorstHalfWidth(p.First, p.Last)
}

// printDiagnosis tells people what the fit of one device found out.
func printDiagnosis(w io.Writer, f *alignfile.File) {
	a, d := f.Alignment, f.Alignment.Diagnosis
	name := deviceName(f.Device.ID)
	if f.Device.Name != "" {
		name += " (" + f.Device.Name + ")"
	}
	fmt.Fprintf(w, "device %s\n", name)
	fmt.Fprintf(w, "  exchanges  %d, used %d in %d bursts; %s on the %s clock\n", d.Samples, d.Used, len(d.Bursts), d.Method, d.Base)
	fmt.Fprintf(w, "  drift      %s%s\n", ppm(d.DriftE18), driftSpread(d))
	if worst, ok := worstInside(a); ok {
		fmt.Fprintf(w, "  interval   95 %% half-width at most %s between the bursts%s\n", ms(worst), withoutAllowance(a))
	} else {
		fmt.Fprintf(w, "  interval   not known everywhere between the bursts\n")
	}
	fmt.Fprintf(w, "  round trip %s at best; no assumption about delays shrinks the bound below half of it\n", ms(d.SmallestRTT))
	for i, p := range d.Paths {
		fmt.Fprintf(w, "  delays     path %d, %d bursts: floor of the round trip %s +- %s; up %s, down %s\n", i+1, p.Bursts,
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

// driftSpread writes how sure the drift is, where that is known.
func driftSpread(d align.Diagnosis) string {
	if d.DriftSDE18 == 0 {
		return ""
	}
	return fmt.Sprintf(" +- %s, wandering by %.2f ppm per square root of an hour", ppm(d.DriftSDE18), d.WanderPPM)
}

// withoutAllowance writes the half-width without the allowance for unequal floors.
func withoutAllowance(a *align.Alignment) string {
	p := a.Wall.Parts()
	worst, ok := a.Wall.WorstStatHalfWidth(p.First, p.Last)
	if !ok {
		return ""
	}
	return fmt.Sprintf(", %s without the allowance for unequal shortest delays", ms(worst))
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
