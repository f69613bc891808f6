package main

func putLimits(put putter, all []figures) {
	put("## Limits\n\nFamilies that break an assumption of interval and bound where nothing that was logged shows it. The map looks right and is not: only what the session's log holds more, or the user knows, helps. Errors in ms are those of the median session.\n\n")
	put("| family | assumption broken | refused | sessions with an instant outside the bound | instants outside | covered | error, 95 %% quantile | flagged as a step |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, f := range all {
		if f.family.Limit == "" {
			continue
		}
		broken, flagged := 0, 0
		for _, x := range f.answered() {
			if x.by[0].Outside > 0 {
				broken++
			}
			if x.phone.right+x.phone.extra > 0 {
				flagged++
			}
		}
		put("| %s | %s | %d | %d of %d | %s | %s | %s | %d |\n", f.family.Name, f.family.Limit, f.by[0].refused, broken, len(f.outcomes), percent(f.outside), percent(f.covered), digits(f.by[0].p95), flagged)
	}
	put("\n")
}
