package main

import "fmt"

func phoneSteps(all []figures) target {
	t := target{name: "steps of the phone's clock found, in their gap and with their size", asked: "at least " + percent(leastSteps)}
	sum := found{}
	for _, f := range all {
		if f.family.MayRefuse {
			continue
		}
		sum = sum.plus(f.phone)
		t.cases = append(t.cases, missedSteps(f)...)
	}
	t.got = fmt.Sprintf("%d of %d", sum.right, sum.there)
	t.met = float64(sum.right) >= leastSteps*float64(sum.there)
	return t
}

// fewSteps looks at the families in which too little is known to tell every step: there a refusal is as good.
func fewSteps(all []figures) target {
	t := target{name: "where little is known of a step of the phone's clock: sessions in which it is found, or that are refused", asked: "at least " + percent(leastSteps)}
	sum := fates{}
	for _, f := range all {
		if f.family.MayRefuse {
			sum = fates{sum.found + f.steps.found, sum.refused + f.steps.refused, sum.held + f.steps.held, sum.broken + f.steps.broken}
			t.cases = append(t.cases, missedSteps(f)...)
		}
	}
	t.got = fmt.Sprintf("%d and %d of %d", sum.found, sum.refused, sum.all())
	t.met = float64(sum.found+sum.refused) >= leastSteps*float64(sum.all())
	return t
}

// missedSteps names the sessions in which a step was missed, and how bad that is.
func missedSteps(f figures) []string {
	var out []string
	for _, x := range f.outcomes {
		if x.phone.right == x.phone.there {
			continue
		}
		text := fmt.Sprintf("missed in %s %d", f.family.Name, x.seed)
		switch s := x.by[0]; {
		case s.err != nil && f.family.MayRefuse:
			continue
		case s.err != nil:
			text += ", refused"
		case s.Outside > 0:
			text += ", " + percent(s.Outside) + " of the instants outside the bound"
		}
		out = append(out, text)
	}
	return out
}

func falseSteps(all []figures) target {
	t := target{name: "sessions without a step of the phone's clock in which one is seen", asked: "at most " + percent(mostFalseSteps)}
	n, without := 0, 0
	for _, f := range all {
		for _, x := range f.outcomes {
			if x.phone.there > 0 {
				continue
			}
			without++
			if x.phone.extra > 0 {
				n++
				t.cases = append(t.cases, fmt.Sprintf("%s %d", f.family.Name, x.seed))
			}
		}
	}
	t.got = fmt.Sprintf("%d of %d", n, without)
	t.met = float64(n) <= mostFalseSteps*float64(without)
	return t
}
