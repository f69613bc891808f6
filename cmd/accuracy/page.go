package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/pialign/pialign/align"
)

// page writes docs/accuracy.md.
func page(o options, all []figures, targets []target) []byte {
	var b bytes.Buffer
	put := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	put("# Accuracy\n\n    %s\n\n", o.command())
	put("writes this page and its plots; `-check` instead compares them with the code, and fails if a target is missed. [method.md](method.md) explains the estimator.\n\n")
	put("**Every figure here is simulated**: %d families of sessions with known truth, %d sessions each unless the list below says fewer (seeds from %d on), drawn by `align/scenario`. "+
		"No recording of a real phone is in it, and the families are what we hold plausible, not what was measured. What nobody can see is in some of them on purpose "+
		"(unequal floors, wander between two bursts): no method gets below what that costs.\n\n", len(all), o.seeds, o.from)
	putTargets(put, targets)
	putReading(put)
	putErrors(put, all, "RMS error, root mean square over the sessions, ms", func(e errorsOf) float64 { return e.rms },
		"One bad session of twenty shows here.")
	putErrors(put, all, "RMS error, median session, ms", func(e errorsOf) float64 { return e.median }, "What to expect of one session.")
	putErrors(put, all, "95 % quantile of the error, median session, ms", func(e errorsOf) float64 { return e.p95 },
		"How bad the worse instants of a usual session are.")
	putWins(put, all)
	putIntervals(put, all)
	putSteps(put, all)
	putLimits(put, all)
	putFamilies(put, all)
	return b.Bytes()
}

type putter = func(format string, args ...any)

func putTargets(put putter, targets []target) {
	put("## Targets\n\n| target | asked | reached | |\n| --- | --- | --- | --- |\n")
	for _, t := range targets {
		verdict := "met"
		if !t.met {
			verdict = "**missed**"
		}
		put("| %s | %s | %s | %s |\n", t.name, t.asked, t.got, verdict)
	}
	put("\n")
	for _, t := range targets {
		if len(t.cases) > 0 {
			put("- %s: %s\n", t.name, strings.Join(t.cases, "; "))
		}
	}
	put("\n")
}

func putReading(put putter) {
	put(`## How to read it

- An error is truth less estimate on the computer's wall clock, at 241 instants spread evenly from half a minute before the first exchange to half a
  minute after the last, and at 20 more in a burst during which the phone's clock was set. Instants between the two exchanges around a step have no
  error; where the map offers one answer there, as if nothing had happened, interval and bound have to hold it.
- *RMS* is over the instants of a session. A family's first figure is the root mean square of that over its sessions, its second the median.
- A session of which a method makes no map is left out of its figures and counted: *(1 refused)*. So is one whose map answers no instant. An instant without an
  answer counts as outside the interval.
- *Core* families count for the summary rows. Left out are those in which a method without steps, falsetickers or a second burst has no
  chance, and the edges of what is offered. The smallest figure of a row is bold.
- The recipes are those of other programs, each from its published description: **median** one constant (Pupil Labs' event recipe), **ols** least squares through the
  middles (lsl-relay), **median-line** a line through the bursts' medians, **best-rtt** a line through each burst's fastest exchange (liblsl's choice), **huber** a robust line through the fastest of
  every eight (pyxdf), **max-margin** the line farthest from all exchanges (Huygens), given our bursts without falsetickers and half a tick back, which the others do without. All of them see the wall clock alone, as
  the programs do.
- Twenty sessions leave noise: another draw (%s) changes a family's figures by a fifth as a rule and by up to twice, the geometric mean by 3 %%. Compare neighbours with care.
- const_asym, quant_round, quant_round_fast, wander_2ph and eight_hours are at what nobody can see: which line is the best there is chance.
- The width of the interval is asked for where there are more than three bursts. With two or three it has to allow for a rate that wanders unseen between
  them; where the simulated rate is steady it is then many times the error (sym_lognormal: see the table of intervals).
- No target counts the families under *Limits*, which break an assumption where nothing shows it.

`, "`-from 1001`")
}

func putErrors(put putter, all []figures, title string, of func(errorsOf) float64, note string) {
	put("## %s\n\n%s\n\n| family | core |", title, note)
	for _, m := range align.Methods {
		put(" %s |", nameOf(m))
	}
	put("\n| --- | --- |%s\n", strings.Repeat(" ---: |", len(align.Methods)))
	for _, f := range all {
		mark := ""
		if f.family.Core {
			mark = "core"
		}
		put("| %s | %s |", f.family.Name, mark)
		putRow(put, func(m int) (float64, int) { return of(f.by[m]), f.by[m].refused })
	}
	put("| *geometric mean* | core |")
	putRow(put, func(m int) (float64, int) { return geometric(core(all), m, of), 0 })
	put("\n")
}

// putRow writes the figures of all methods with the smallest in bold, and how many sessions were refused.
func putRow(put putter, of func(m int) (v float64, refused int)) {
	best := math.Inf(1)
	for m := range align.Methods {
		if v, _ := of(m); v < best {
			best = v
		}
	}
	for m := range align.Methods {
		v, refused := of(m)
		text := digits(v)
		if text == digits(best) {
			text = "**" + text + "**"
		}
		if refused > 0 {
			text += fmt.Sprintf(" (%d refused)", refused)
		}
		put(" %s |", text)
	}
	put("\n")
}

func putWins(put putter, all []figures) {
	put("## Where a recipe beats ours\n\nShare of the core sessions in which a recipe has the smaller RMS error, by luck or by right:\n\n|")
	for _, m := range align.Methods[1:] {
		put(" %s |", nameOf(m))
	}
	put("\n|%s\n|", strings.Repeat(" ---: |", len(align.Methods)-1))
	for m := range align.Methods[1:] {
		put(" %s |", percent(wins(core(all), m+1)))
	}
	put("\n\nFamilies in which it does so over all sessions, by more than 1 %%:\n\n")
	none := true
	for _, f := range all {
		var beaten []string
		for m := 1; m < len(f.by); m++ {
			for _, x := range []struct {
				name string
				of   func(errorsOf) float64
			}{{"RMS", func(e errorsOf) float64 { return e.rms }}, {"median", func(e errorsOf) float64 { return e.median }}} {
				if theirs, ours := x.of(f.by[m]), x.of(f.by[0]); theirs < 0.99*ours {
					beaten = append(beaten, fmt.Sprintf("%s, %s %s against %s", nameOf(align.Methods[m]), x.name, digits(theirs), digits(ours)))
				}
			}
		}
		if len(beaten) > 0 {
			none = false
			put("- %s: %s\n", f.family.Name, strings.Join(beaten, "; "))
		}
	}
	if none {
		put("None.\n")
	}
	put("\n")
}

func putIntervals(put putter, all []figures) {
	put("## Intervals, bound, steps\n\nOurs; 95 %% nominal. Widths are full ones, of the median session, in ms. The allowance is for floors of the two directions that differ, which no exchange can show: it makes the interval wide " +
		"where they do not. *Outside* is the share of instants outside the bound, *no answer* of those that the map refuses, *refused* how many sessions have no map. Steps: found of those there are, and others.\n\n")
	put("| family | covered | width | covered, no allowance | width | outside | bound | no answer | refused | phone's steps | host's steps |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, f := range all {
		put("| %s | %s | %s | %s | %s | %s | %s | %s | %d | %s | %s |\n", f.family.Name, percent(f.covered), digits(f.width), percent(f.coveredStat), digits(f.widthStat),
			percent(f.outside), digits(f.bound), percent(f.unanswered), f.by[0].refused, f.phone, f.host)
	}
	put("\n")
}

func putFamilies(put putter, all []figures) {
	put(`## Families

Unless a family says otherwise: half an hour to two hours, a drift of 1 to 50 ppm, floors of 1 to 3 ms each way, lognormal jitter, a burst of 50 or 100 exchanges
at each end, stamps in ns, Linux' clocks. A plot shows the first seed that is not refused: above, the error with interval and bound; below, the same closer to 0. Recipes that are farther off leave
the panel. Ticks at the foot are bursts.

| family | core | a refusal is honest | sessions | shows | plot |
| --- | --- | --- | ---: | --- | --- |
`)
	for _, f := range all {
		mark, may := "", ""
		if f.family.Core {
			mark = "core"
		}
		if f.family.MayRefuse {
			may = "yes"
		}
		plot := ""
		if len(f.answered()) > 0 {
			plot = fmt.Sprintf("[plot](%s/%s.svg)", plotDir, f.family.Name)
		}
		put("| %s | %s | %s | %d | %s | %s |\n", f.family.Name, mark, may, len(f.outcomes), f.family.Shows, plot)
	}
	for _, f := range all {
		for _, shown := range []string{"asym_jitter", "multi_wander", "phone_step", "single_phase"} {
			if f.family.Name == shown && len(f.answered()) > 0 {
				put("\n![%s](%s/%s.svg)\n", f.family.Shows, plotDir, f.family.Name)
			}
		}
	}
}

func (f found) String() string {
	switch {
	case f == found{}:
		return "none"
	case f.extra == 0:
		return fmt.Sprintf("%d/%d", f.right, f.there)
	}
	return fmt.Sprintf("%d/%d, %d others", f.right, f.there, f.extra)
}

func nameOf(m align.Method) string {
	if m == align.FloorEdge {
		return "ours"
	}
	return string(m)
}

// digits writes v with three digits, no finer than 0.1 us in ms.
func digits(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.9995:
		return fmt.Sprintf("%.2f", v)
	}
	if v >= 0.00995 {
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.4f", v)
}
