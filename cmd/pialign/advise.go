package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/align/scenario"
)

func adviseCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:  "advise",
		Usage: "say how many exchanges, and how often, give a wanted error",
		Description: "Simulates sessions by several plans, fits each as fit would, and prints how far off times would be: in 95 of 100\n" +
			"cases no more than \"error\". It takes the round trips that --rtt names, or those that a session measured. \"symmetric\"\n" +
			"is the error if the ways to the phone and back have equal shortest delays, which no exchange can show; \"stated\" is what fit\n" +
			"will say, which --max-error looks at; \"bound\" is the hard bound. The same question gets the same answer.\n" +
			"Ends with 3 if no plan reaches --error.\n\n" +
			"Examples:\n" +
			"pialign advise --error 2ms --span 90m",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "error", DefaultText: "none", Usage: "the 95 % error wanted, `DUR`"},
			&cli.DurationFlag{Name: "span", Value: time.Hour, Usage: "the session lasts `DUR`"},
			&cli.DurationFlag{Name: "rtt", Value: usualRTT, Usage: "a usual round trip takes `DUR`, the fastest half of that"},
			&cli.StringFlag{Name: "session", DefaultText: "none", Usage: "take the round trips from the logs in `DIR`"},
			&cli.StringFlag{Name: "device", DefaultText: "all", Usage: "of a session, those of the device `ID`"},
			&cli.Float64Flag{Name: "asymmetry", Value: usualAsymmetry, Usage: "standard deviation `SD` of (f1-f2)/(f1+f2), the shortest delays of the two directions, as fit takes it; 0: a path known to be symmetric"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			o := adviseOptions{goal: c.Duration("error"), span: c.Duration("span"), rtt: c.Duration("rtt"), session: c.String("session"),
				device: c.String("device"), asymmetry: c.Float64("asymmetry"), json: c.Bool("json")}
			if !c.IsSet("error") {
				return withHint(usageError("pialign advise: --error is missing"), "the 95 %% error wanted, such as --error 2ms")
			}
			if o.session != "" && c.IsSet("rtt") {
				return usageError("--rtt and --session: give one, assumed or measured round trips")
			}
			if err := o.check(); err != nil {
				return err
			}
			return advise(c.Context, s, o)
		},
	}
}

const (
	usualRTT       = 8 * time.Millisecond // Wi-Fi without much else on it
	usualAsymmetry = 0.25                 // what align.Options assumes
	usualWander    = 0.7                  // ppm per square root of an hour, as the families that wander have it
)

type adviseOptions struct {
	goal, span, rtt time.Duration
	session, device string
	asymmetry       float64
	json            bool
}

func (o adviseOptions) check() error {
	switch {
	case o.goal <= 0:
		return usageError("--error %v: want more than 0", o.goal)
	case o.span < time.Minute || o.span > 48*time.Hour:
		return usageError("--span %v: want 1m to 48h", o.span)
	case o.rtt < 50*time.Microsecond || o.rtt > 2*time.Second:
		return usageError("--rtt %v: want 50us to 2s, the longest that an exchange may take", o.rtt)
	case !(o.asymmetry >= 0 && o.asymmetry <= 1):
		return usageError("--asymmetry %v: want 0 to 1", o.asymmetry)
	case o.device != "" && o.session == "":
		return usageError("--device is for --session")
	}
	return nil
}

// planned is a plan and what is to be expected of it.
type planned struct {
	scenario.Plan
	Every time.Duration // between bursts; 0: one at the start, one at the end
	forecast
}

// advise forecasts all plans, prints them and picks the cheapest that reaches the goal.
func advise(ctx context.Context, s stdio, o adviseOptions) error {
	w, about, err := o.setting(s.err)
	if err != nil {
		return err
	}
	plans := plansFor(o.span, w)
	if !o.json {
		fmt.Fprintf(s.err, "pialign: simulating %d sessions: some seconds\n", len(plans)*forecastSessions)
	}
	if err := forecastAll(ctx, w, o.asymmetry, plans, forecastSeeds); err != nil {
		return err
	}
	pick := cheapest(plans, o.goal)
	if o.json {
		err = printJSON(s.out, newAdvice(o, w, plans, pick))
	} else {
		fmt.Fprintf(s.out, "%s\n\n", about)
		printPlans(s.out, o, plans, pick)
	}
	if err != nil || pick >= 0 {
		return err
	}
	return withHint(withCode(exitInexact, fmt.Errorf("no plan reaches %s", ms(o.goal))), "%s", o.whatElse(w, plans))
}

// cheapest returns the index of the plan with the fewest exchanges of those that reach goal, -1 where none does.
func cheapest(plans []planned, goal time.Duration) int {
	pick := -1
	for i, p := range plans {
		if p.failed == 0 && p.Error <= goal && (pick < 0 || p.Exchanges() < plans[pick].Exchanges()) {
			pick = i
		}
	}
	return pick
}

// whatElse says what keeps every plan from the goal.
func (o adviseOptions) whatElse(w scenario.Setting, plans []planned) string {
	floor := w.Up.Floor + w.Down.Floor
	unknown := unknowable(o.asymmetry, floor)
	symmetric := plans[0].Symmetric
	for _, p := range plans {
		symmetric = min(symmetric, p.Symmetric)
	}
	if unknown > symmetric {
		return fmt.Sprintf("more exchanges do not help: how a fastest round trip of %s divides into the way there and the way back nobody can tell, "+
			"and it may put all times off by %s; no bound is below half of it. Only a faster path does better: Ethernet, or a hotspot of this computer", rough(floor), rough(unknown))
	}
	return "the network's jitter and the wander of the phone's clock are too large: come closer to the access point, use Ethernet, or probe shorter sessions"
}

// unknowable is the 95 % error by shortest delays that differ, for a round trip of floor at the least: half their difference.
func unknowable(asymmetry float64, floor time.Duration) time.Duration {
	return time.Duration(normal95 * asymmetry * float64(floor) / 2)
}

const normal95 = 1.959964 // standard deviations that 95 % of a normal law are within

func (p planned) name() string {
	switch {
	case p.Every == 0:
		return fmt.Sprintf("start and end, %d each", p.Count)
	case p.Count == 1:
		return fmt.Sprintf("one every %s", short(p.Every))
	}
	return fmt.Sprintf("%d every %s", p.Count, short(p.Every))
}

// commands are what carries the plan out.
func (p planned) commands(session string) []string {
	dir := quoted(or(session, "SESSION"))
	if p.Every == 0 {
		return []string{fmt.Sprintf("pialign probe --session %s --phase start --count %d", dir, p.Count),
			fmt.Sprintf("pialign probe --session %s --phase end --count %d", dir, p.Count)}
	}
	return []string{fmt.Sprintf("pialign probe --session %s --every %s --for %s --count %d", dir, short(p.Every), short(p.Span()), p.Count)}
}

// short writes a time as flags take it: 15m, not 15m0s.
func short(d time.Duration) string {
	text := d.String()
	for _, tail := range []string{"m0s", "h0m"} {
		if n := len(text) - len(tail); n > 0 && text[n:] == tail {
			text = text[:n+1]
		}
	}
	return text
}

func printPlans(out io.Writer, o adviseOptions, plans []planned, pick int) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "plan\texchanges\terror\tsymmetric\tstated\tbound\t")
	for i, p := range plans {
		mark := ""
		if i == pick {
			mark = "  <- the cheapest that reaches " + rough(o.goal)
		}
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", p.name(), p.Exchanges(), rough(p.Error), rough(p.Symmetric), rough(p.Stated), rough(p.Bound), mark)
	}
	t.Flush()
	if pick < 0 {
		return
	}
	fmt.Fprintln(out)
	for _, c := range plans[pick].commands(o.session) {
		fmt.Fprintln(out, c)
	}
	if plans[pick].Stated > o.goal {
		fmt.Fprintf(out, "fit will be more careful and state %s: give --max-error that much\n", rough(plans[pick].Stated))
	}
}

// rough writes a forecast: two digits are what it is good for.
func rough(d time.Duration) string {
	v := float64(d) / 1e6
	if v <= 0 {
		return "0 ms"
	}
	digits := max(0, 1-int(math.Floor(math.Log10(v))))
	return fmt.Sprintf("%.*f ms", min(digits, 4), v)
}
