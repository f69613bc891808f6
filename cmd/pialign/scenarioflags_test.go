package main

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align/scenario"
)

func TestParseDriftIsExact(t *testing.T) {
	for s, want := range map[string]int64{
		"12ppm":                  12_000_000_000_000,
		"-12ppm":                 -12_000_000_000_000,
		"+0.1ppm":                100_000_000_000, // no float64 is a tenth
		"800ppb":                 800_000_000_000,
		"0ppm":                   0,
		".5ppm":                  500_000_000_000,
		"7.ppm":                  7_000_000_000_000,
		"12.345678901234ppm":     12_345_678_901_234,
		"12.3456789012340000ppm": 12_345_678_901_234,
		"-0.000000001ppb":        -1,
		"499999.999999999999ppm": 499_999_999_999_999_999,
	} {
		if got, err := parseDrift(s); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "12", "ppm", "-ppm", ".ppm", "1e3ppm", "12 ppm", "12PPM", "--1ppm", "1.2.3ppm", "٣ppm", "0x1ppm", "1_0ppm",
		"500000ppm", "-500000ppm", "99999999999999999999ppm", "0.0000000000001ppm", "12ppmppm", "NaNppm"} {
		if got, err := parseDrift(s); err == nil || got != 0 {
			t.Errorf("%q: %d is taken", s, got)
		}
	}
}

func FuzzParseDrift(f *testing.F) {
	for _, s := range []string{"12ppm", "-0.5ppm", "+3ppb", ".1ppm", "1e3ppm", "499999.999999999999ppm", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseDrift(s)
		if err != nil {
			if got != 0 {
				t.Fatalf("%q: %d beside the error %v", s, got, err)
			}
			return
		}
		// The same number by rationals: value = number * unit.
		unit := big.NewRat(1e12, 1)
		number, ok := strings.CutSuffix(s, "ppm")
		if !ok {
			unit, number = big.NewRat(1e9, 1), strings.TrimSuffix(s, "ppb")
		}
		want, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Fatalf("%q is taken for %d and is no number", s, got)
		}
		if want.Mul(want, unit).Cmp(new(big.Rat).SetInt64(got)) != 0 {
			t.Fatalf("%q: %d, want %s", s, got, want)
		}
	})
}

func TestParseDelay(t *testing.T) {
	for s, want := range map[string]scenario.Delay{
		"constant:3ms":                {Law: scenario.Constant, Floor: 3 * time.Millisecond},
		"gamma:0s:1ms":                {Law: scenario.Gamma, Scale: time.Millisecond},
		"exponential:2ms:5ms:400ms":   {Law: scenario.Exponential, Floor: 2 * time.Millisecond, Scale: 5 * time.Millisecond, Max: 400 * time.Millisecond},
		"pareto:1.5ms:2500us:0.25s":   {Law: scenario.Pareto, Floor: 1500 * time.Microsecond, Scale: 2500 * time.Microsecond, Max: 250 * time.Millisecond},
		"lognormal:1us:1ns:1h":        {Law: scenario.LogNormal, Floor: time.Microsecond, Scale: 1, Max: time.Hour},
		"constant:1ms:1ms:1ms":        {Law: scenario.Constant, Floor: time.Millisecond, Scale: time.Millisecond, Max: time.Millisecond},
		"exponential:2ms:5ms:400.0ms": {Law: scenario.Exponential, Floor: 2 * time.Millisecond, Scale: 5 * time.Millisecond, Max: 400 * time.Millisecond},
	} {
		if got, err := parseDelay(s); err != nil || got != want {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "5ms", ":5ms", "constant", "normal:1ms:1ms", "gamma:1ms", "constant:5", "constant:-5ms", "gamma:1ms:x",
		"gamma:9ms:1ms:8ms", "gamma:1ms:1ms:1s:1s", "gamma:2h:1ms", "constant:"} {
		if got, err := parseDelay(s); err == nil || got != (scenario.Delay{}) {
			t.Errorf("%q: %+v is taken", s, got)
		}
	}
}

func TestParseStep(t *testing.T) {
	got, err := parseStep("30s:-500ms", 1_000_000_000)
	if want := (scenario.Step{At: 31_000_000_000, By: -500 * time.Millisecond}); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	for _, s := range []string{"", "30s", "-1s:1s", "x:1s", "1s:x", "1s:", "1s:1s:1s"} {
		if got, err := parseStep(s, 0); err == nil || got != (scenario.Step{}) {
			t.Errorf("%q: %+v is taken", s, got)
		}
	}
}
