package main

// fates say what became of the sessions in which the phone's clock was set.
type fates struct {
	found   int // the step and nothing else, in its place and with its size
	refused int // the whole session
	held    int // not found, and yet every instant was inside the bound
	broken  int // not found, and the map is wrong where it does not say so
}

func (f fates) all() int { return f.found + f.refused + f.held + f.broken }

func (f fates) plus(x outcome) fates {
	switch s := x.by[0]; {
	case x.phone.there == 0:
	case s.err != nil:
		f.refused++
	case x.phone.right == x.phone.there:
		f.found++
	case s.Outside > 0:
		f.broken++
	default:
		f.held++
	}
	return f
}

func putSteps(put putter, all []figures) {
	put("## Steps of the phone's clock\n\nWhat became of the sessions in which it was set. *Refused* is an answer: nothing is mapped. *Missed, held*: the step was not found, and every instant is inside the bound all the same. " +
		"*Missed, broken*: instants are outside the bound, and nothing says so; that is the worst that a fit can do. *Two answers*: the share of instants away from the step that the phone's clock showed twice, or that the map puts into the gap; a stream in order tells which. With two or three bursts a refusal is the honest answer to most steps: two set the drift, and nothing tells in which gap it was.\n\n")
	put("| family | sessions | found | refused | missed, held | missed, broken | two answers |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, f := range all {
		if n := f.steps.all(); n > 0 {
			put("| %s | %d | %d | %d | %d | %d | %s |\n", f.family.Name, n, f.steps.found, f.steps.refused, f.steps.held, f.steps.broken, percent(f.twofold))
		}
	}
	put("\n")
}
