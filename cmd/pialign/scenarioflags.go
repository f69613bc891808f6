package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// parseDrift reads a drift such as 12ppm, -3.5ppm or 800ppb, exactly, in units of 1e-18.
func parseDrift(s string) (int64, error) {
	const want = "want a number with its unit, such as 12ppm or -3.5ppm"
	digits := 12 // from ppm to 1e-18
	number, ok := strings.CutSuffix(s, "ppm")
	if !ok {
		digits = 9
		if number, ok = strings.CutSuffix(s, "ppb"); !ok {
			return 0, errors.New(want)
		}
	}
	sign := ""
	if n, ok := strings.CutPrefix(number, "-"); ok {
		number, sign = n, "-"
	} else {
		number = strings.TrimPrefix(number, "+")
	}
	whole, part, _ := strings.Cut(number, ".")
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	if whole+part == "" || strings.ContainsFunc(whole+part, notDigit) {
		return 0, errors.New(want)
	}
	part = strings.TrimRight(part, "0")
	if len(part) > digits {
		return 0, fmt.Errorf("finer than 1e-18: want at most %d digits after the point", digits)
	}
	v, err := strconv.ParseInt(sign+whole+part+strings.Repeat("0", digits-len(part)), 10, 64)
	if err == nil {
		err = scenario.Clock{DriftE18: v}.Check()
	}
	if err != nil {
		return 0, errors.New("no clock drifts that much")
	}
	return v, nil
}

// parseStep reads AFTER:BY, a step of the phone's clock after the host instant start.
func parseStep(s string, start align.HostTime) (scenario.Step, error) {
	const want = "want AFTER:BY, such as 30s:-500ms"
	a, b, ok := strings.Cut(s, ":")
	if !ok {
		return scenario.Step{}, errors.New(want)
	}
	after, err := time.ParseDuration(a)
	if err != nil || after < 0 {
		return scenario.Step{}, errors.New(want)
	}
	by, err := time.ParseDuration(b)
	if err != nil {
		return scenario.Step{}, errors.New(want)
	}
	return scenario.Step{At: start.Add(after), By: by}, nil
}

func sortSteps(steps []scenario.Step) {
	slices.SortStableFunc(steps, func(a, b scenario.Step) int { return cmp.Compare(a.At, b.At) })
}

// parseDelay reads LAW:FLOOR[:SCALE[:MAX]].
func parseDelay(s string) (scenario.Delay, error) {
	fields := strings.Split(s, ":")
	d := scenario.Delay{Law: scenario.Law(fields[0])}
	if err := d.Check(); err != nil {
		return scenario.Delay{}, err
	}
	if len(fields) < 2 || len(fields) > 4 || d.Law == "" {
		return scenario.Delay{}, errors.New("want LAW:FLOOR[:SCALE[:MAX]], such as exponential:2ms:5ms:400ms")
	}
	if d.Law != scenario.Constant && len(fields) < 3 {
		return scenario.Delay{}, fmt.Errorf("%s needs a scale: %s:SCALE", d.Law, s)
	}
	for i, into := range []*time.Duration{&d.Floor, &d.Scale, &d.Max}[:len(fields)-1] {
		v, err := time.ParseDuration(fields[i+1])
		if err != nil {
			return scenario.Delay{}, fmt.Errorf("%q is no duration such as 5ms", fields[i+1])
		}
		*into = v
	}
	if err := d.Check(); err != nil {
		return scenario.Delay{}, err
	}
	return d, nil
}
