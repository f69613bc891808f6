package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// methods is a paragraph for the methods section, with what is known and what was assumed.
func (a *Alignment) methods() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	if a.Samples == 0 {
		say("The clock of the phone was aligned with the %s clock of the recording computer by the line of %q, of which no exchange is known: nothing tells how far a time can be off. ", a.Clock, a.Method)
		if a.MeanDrift != nil {
			say("Its drift is %s. ", human.PPM(int64(*a.MeanDrift)))
		}
		return strings.TrimSpace(b.String())
	}
	say("The clock of the phone was aligned with the %s clock of the recording computer by %s from %s in %s", a.Clock, or(a.Program, "pialign"),
		human.Counted(a.Samples, "request-response exchange"), human.Counted(len(a.Bursts), "burst"))
	if a.Length != nil && len(a.Bursts) > 1 {
		say(" over %s", human.Span(time.Duration(*a.Length)))
	}
	say("; %d were used. ", a.Used)
	if a.RTTMin != nil {
		say("The shortest round trip was %s", human.MS(time.Duration(*a.RTTMin)))
		if a.RTTMedian != nil {
			say(", the median %s, the 95 %% quantile %s", human.MS(time.Duration(*a.RTTMedian)), human.MS(time.Duration(*a.RTTP95)))
		}
		say(". ")
	}
	if a.Recipe {
		say("The map was made by the recipe %q, which states no interval; it is there to compare with. ", a.Method)
	} else {
		say("An offset and a drift that is constant but for a slow wander were fitted (estimator %s). ", a.Method)
	}
	if a.Offset != nil && a.Clock == "wall" { // a monotonic clock begins anywhere
		word := "ahead of"
		if *a.Offset < 0 {
			word = "behind"
		}
		say("In the middle of the session the computer's clock was %s the phone's by %s", word, human.MS(time.Duration(*a.Offset).Abs()))
		if a.MeanDrift != nil {
			say(", and host - device grew by %s", human.PPM(int64(*a.MeanDrift)))
			if a.DriftSD != nil {
				say(" (standard error of the drift where the session begins: %s)", human.PPM(int64(*a.DriftSD)))
			}
		}
		say(". ")
	}
	if a.MeanDrift == nil && !a.Recipe {
		say("The exchanges do not tell how host - device grows: a drift of 0 with a standard deviation of 30 ppm was assumed. ")
	}
	if a.HalfWidth != nil {
		say("Between the first and the last exchange the 95 %% interval of an aligned time is at most ± %s; it allows for unequal shortest delays of the two directions, which no exchange can show", human.MS(time.Duration(*a.HalfWidth)))
		if a.StatWidth != nil {
			say(" (without that allowance ± %s)", human.MS(time.Duration(*a.StatWidth)))
		}
		say(". ")
	} else {
		say("No 95 %% interval is known everywhere between the first and the last exchange. ")
	}
	if a.BoundWidth != nil {
		say("Without any assumption about delays the error is at most %s", human.MS(time.Duration(*a.BoundWidth)))
		if len(a.Assumptions) > 0 {
			say(", while these hold: %s", strings.Join(a.Assumptions, "; "))
		}
		say(". ")
	} else {
		say("No hard bound holds everywhere. ")
	}
	if n := len(a.Steps); n > 0 {
		say("The phone's clock was found to be set %s; times at which two readings are possible are ambiguous. ", times(n))
	}
	if n := len(a.HostSteps); n > 0 {
		say("The computer's wall clock was set %s. ", times(n))
	}
	if a.Base == "wall" {
		say("The fit was made against the wall clock, which a setting of it between the exchanges would have disturbed unseen. ")
	}
	if n := len(a.Warnings); n > 0 {
		say("The fit gave %s. ", human.Counted(n, "warning"))
	}
	return strings.TrimSpace(b.String())
}
