package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pialign/pialign/align"
)

// mostRefuted is the share of exchanges that may contradict the others until the rest, too, cannot be trusted right after a phase: a fit goes on as long as a
// majority agrees, but now the phone can still be probed again.
const mostRefuted = 0.25

// refuted returns an error where so many exchanges contradict each other that the phone should be probed again.
func refuted(d align.Diagnosis) error {
	kept, dropped := 0, 0
	for _, b := range d.Bursts {
		kept, dropped = kept+b.Kept, dropped+b.Dropped
	}
	if float64(dropped) <= mostRefuted*float64(kept+dropped) {
		return nil
	}
	return fmt.Errorf("%w: %d of %d contradict the others", align.ErrFalsetickers, dropped, kept+dropped)
}

// doubts returns those warnings of a fit that whoever measures should know at once.
func doubts(d align.Diagnosis) (out []string) {
	for _, w := range d.Warnings {
		switch w.Kind {
		case align.WarnFalsetickers, align.WarnBurstRefused, align.WarnPhoneStep:
			out = append(out, w.Text)
		}
	}
	return out
}

// unusable says that what was measured of a phone cannot be used, and why.
func unusable(why error) string { return "what was measured of it cannot be used: " + why.Error() }

// shortfall counts what was asked for and not done.
type shortfall struct {
	cut      int      // phones not measured to the end
	unusable []string // the logs of those whose exchanges no fit makes sense of
	unkept   int      // phones whose recording is not as asked
	why      string   // of the first
}

// add takes what came of one phone, which was measured to the end or not.
func (s *shortfall) add(p *measured, cut bool) {
	if cut {
		s.cut++
	}
	if p.unfit != nil {
		s.unusable = append(s.unusable, p.path)
	}
	if len(p.trouble) > 0 {
		s.unkept++
		s.why = or(s.why, p.trouble[0])
	}
}

func (s *shortfall) some() bool { return s.cut > 0 || len(s.unusable) > 0 || s.unkept > 0 }

// verdict returns the error about it, of so many phones.
func (s *shortfall) verdict(all int, session string) error {
	var text []string
	code := exitPartial
	if n := len(s.unusable); n > 0 {
		of := "the phone"
		if all > 1 {
			of = fmt.Sprintf("%d of %d phones", n, all)
		}
		text = append(text, "what was measured of "+of+" cannot be used")
		if n == all {
			code = exitFailed
		}
	}
	if s.cut > 0 {
		text = append(text, someOf(s.cut, all, "phone", "was", "were")+" not measured to the end")
	}
	if s.unkept > 0 {
		if s.cut == 0 && len(s.unusable) == 0 {
			text = append(text, fmt.Sprintf("measured %d of %s to the end", all, counted(all, "phone")))
		}
		of := ""
		if s.unkept > 1 {
			of = fmt.Sprintf(" (and likewise with %d more)", s.unkept-1)
		}
		text = append(text, s.why+of)
	}
	err := withCode(code, errors.New(strings.Join(text, "; ")+"; what was measured is in "+session))
	if len(s.unusable) > 0 {
		return withHint(err, "let nobody set a clock, and probe this phone again; before that move its log out of the session, or fit may refuse the others with it: %s", strings.Join(s.unusable, ", "))
	}
	return err
}
