package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Advice tells the assistant what to do now: what is most urgent, and of how many phones. The light is the worst there is.
func (s *State) Advice() (Light, string) {
	worst, text, others := Good, "", 0
	for _, r := range rules {
		broken := s.breaking(r)
		if len(broken) == 0 {
			continue
		}
		worst = max(worst, r.light)
		if text == "" {
			text = r.say(s, broken[0], names(broken))
		} else if r.light >= Check {
			others++
		}
	}
	switch {
	case s.Ending:
		text = "ending: what was measured is being saved"
	case text == "" && s.FreeRunning:
		text = "all fine: go on, screens on. (No time service sets this computer's clock; sync it if other computers take part.)"
	case text == "":
		text = "all fine: go on, and leave the screens on"
	case others > 0:
		text += fmt.Sprintf("; then %d more", others)
	}
	return worst, text
}

// AdviceFor returns what to do about s.Phones[i] alone; empty if nothing.
func (s *State) AdviceFor(i int) string {
	one := *s
	one.Phones = s.Phones[i : i+1]
	for _, r := range rules {
		if broken := one.breaking(r); len(broken) > 0 {
			return r.say(&one, broken[0], names(broken))
		}
	}
	return ""
}

func (s *State) breaking(r rule) []*Phone {
	var out []*Phone
	for i := range s.Phones {
		if r.breaks(s, &s.Phones[i]) {
			out = append(out, &s.Phones[i])
		}
	}
	return out
}

func names(phones []*Phone) string {
	const most = 3
	var list []string
	for _, p := range phones[:min(most, len(phones))] {
		list = append(list, p.label())
	}
	if more := len(phones) - most; more > 0 {
		return strings.Join(list, ", ") + fmt.Sprintf(" and %d more", more)
	}
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	return list[0]
}

func count(n int) string   { return strconv.Itoa(n) }
func percent(n int) string { return strconv.Itoa(n) + " %" }

// coarse writes a span for a glance.
func coarse(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + coarse(-d)
	case d < 10*time.Millisecond:
		return trimmed(float64(d)/1e6, 2) + " ms"
	case d < time.Second:
		return trimmed(float64(d)/1e6, 0) + " ms"
	case d < time.Minute:
		return trimmed(d.Seconds(), 1) + " s"
	case d < time.Hour:
		return trimmed(d.Minutes(), 1) + " min"
	case d < 48*time.Hour:
		return trimmed(d.Hours(), 1) + " h"
	}
	return trimmed(d.Hours()/24, 0) + " d"
}

// trimmed writes v with so many decimals, less the zeros at their end.
func trimmed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
