package lslrelay

import (
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

const example = `{"cloud_to_lsl": {"intercept": -1666236720.9472754, "slope": 0.9999924730866947},
 "lsl_to_cloud": {"intercept": 1666249262.6610205, "slope": 1.0000075269698494}, "info": {"model_type": "LinearRegression", "version": 1}}`

// formula is the published one in decimal arithmetic: intercept + slope * t * 10^-9, in ns.
func formula(intercept, slope string, t int64) *big.Rat {
	a, _ := new(big.Rat).SetString(intercept)
	b, _ := new(big.Rat).SetString(slope)
	v := b.Mul(b, big.NewRat(t, 1_000_000_000))
	return v.Add(v, a).Mul(v, big.NewRat(1_000_000_000, 1))
}

// The map is the formula, rounded once: half a ns is all that lies between.
func TestTheMapIsTheFormula(t *testing.T) {
	for _, c := range []struct{ intercept, slope string }{
		{"-1666236720.9472754", "0.9999924730866947"}, {"-1657137430.0848174", "1.000021399510087"}, {"-1666236720", "1"}, {"-1600000000.123456789", "1.000000000000000001"},
	} {
		p, err := Parse([]byte(strings.NewReplacer("-1666236720.9472754", c.intercept, "0.9999924730866947", c.slope).Replace(example)))
		if err != nil {
			t.Fatal(err)
		}
		a, err := p.Alignment()
		if err != nil {
			t.Fatal(c, err)
		}
		parts := a.Mono.Parts()
		span := int64(parts.Last - parts.First)
		for _, at := range []int64{int64(parts.First), int64(parts.First) + 1, int64(parts.First) + span/3, int64(parts.First) + 95_421_788_057_513, int64(parts.Last) - 1} {
			host, err := a.Mono.Host(align.DeviceTime(at))
			if err != nil {
				t.Fatal(err)
			}
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(int64(host)), formula(c.intercept, c.slope, at))
			if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
				t.Errorf("%v at %d: %d is off by %s ns", c, at, host, off.FloatString(3))
			}
		}
		if est, err := a.Mono.Estimate(parts.First + 5); err != nil || est.Rated || est.Bounded || a.Diagnosis.Method != Method {
			t.Errorf("%+v, %v: it has neither interval nor bound", est, err)
		}
	}
}

func TestRealParameters(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/real/invisible-lsl-relay-examples/*/time_alignment_parameters.json")
	more, _ := filepath.Glob("../../../shared/data/real/invisible-lsl-relay-examples/*/*/time_alignment_parameters.json")
	if files = append(files, more...); len(files) == 0 {
		t.Skip("real parameters are not here")
	}
	for _, f := range files {
		p, err := Read(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Alignment(); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	for old, new := range map[string]string{
		`"version": 1`:                     `"version": 2`,
		"LinearRegression":                 "Other",
		"cloud_to_lsl":                     "other",
		"-1666236720.9472754":              "0.5",
		"0.9999924730866947":               "-1",
		`"intercept": -1666236720.9472754`: `"intercept": "x"`,
		"0.9999924730866946"[:4]:           "1.1",
		`"slope": 0.9999924730866947`:      `"slope": 0.99999247308669471234`,
		"1666236720.9472754":               "1666236720.94727541234",
		"36720.9472754":                    "1e999999999",
		`{"cloud`:                          `["cloud`,
	} {
		p, err := Parse([]byte(strings.Replace(example, old, new, 1)))
		if err == nil {
			_, err = p.Alignment()
		}
		if !errors.Is(err, ErrParams) {
			t.Errorf("%s for %s: %v", new, old, err)
		}
	}
	for name, text := range map[string]string{
		"cut off":                 example[:len(example)/2],
		"empty":                   "",
		"two in one":              example + example,
		"a hole behind it":        example + "\x00\x00",
		"two bytes a letter":      retimetest.UTF16(example, false, true),
		"unmarked":                retimetest.UTF16(example, true, false),
		"no number":               strings.Replace(example, "0.9999924730866947", "NaN", 1),
		"more digits than a Rat":  strings.Replace(example, "0.9999924730866947", "1."+strings.Repeat("0", 100_000), 1),
		"without an end":          `{"a":"` + strings.Repeat("x", maxParams),
		"deeper than can be read": strings.Repeat("[", maxParams/2),
	} {
		if p, err := Parse([]byte(text)); !errors.Is(err, ErrParams) || p != nil {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	path := filepath.Join(t.TempDir(), "p.json")
	if err := os.WriteFile(path, []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrParams) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`{"cloud_to_lsl": {"intercept": -1.6e9, "slope": 1e-400}, "info": {"model_type": "LinearRegression", "version": 1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse(b)
		if (p == nil) == (err == nil) {
			t.Fatal(p, err)
		}
		if err == nil {
			_, _ = p.Alignment()
		}
	})
}
