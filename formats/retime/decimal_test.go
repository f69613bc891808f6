package retime

import (
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestDecimalGivesItsTextBack(t *testing.T) {
	for _, text := range []string{
		"0", "0.0", "12.5", "10088.188052", "10088.199164000001", "-0.001", "0.0000000005", "0.00000000049", "-0.9999999996",
		"0.99999999951", "1666344684.449078006", "9.999999999999999", "123", "-12.3456789015000001", "0.1234567890123456789012",
	} {
		d, err := ParseDecimal([]byte(text), 1e9)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := string(d.Append(nil, d.Ns, 1e9, d.Places, max(d.Places, 9))); got != text {
			t.Errorf("%s: %d ns, printed %s", text, d.Ns, got)
		}
	}
}

// A time that moves by whole ns moves by just that, whatever stands behind the ns. The sums are by math/big.
func TestDecimalMovesExactly(t *testing.T) {
	for _, text := range []string{"10088.199164000001", "0.0000000004", "0.0000000006", "-0.0000000006", "-5.25", "7", "0.99999999951", "12.3456789015"} {
		for _, by := range []int64{0, 1, -1, 2, -12345678901, 5_000_000_000} {
			d, err := ParseDecimal([]byte(text), 1e9)
			if err != nil {
				t.Fatal(err)
			}
			got := string(d.Append(nil, d.Ns+by, 1e9, d.Places, max(d.Places, 9)))
			want, _ := new(big.Rat).SetString(text)
			want.Add(want, big.NewRat(by, 1e9))
			if is, ok := new(big.Rat).SetString(got); !ok || is.Cmp(want) != 0 {
				t.Errorf("%s and %d ns: %s, want %s", text, by, got, want.FloatString(20))
			}
			if _, frac, _ := strings.Cut(got, "."); len(frac) < d.Places {
				t.Errorf("%s and %d ns: %s has lost digits", text, by, got)
			}
		}
	}
}

func TestDecimalRoundsHalfAway(t *testing.T) {
	for _, c := range []struct {
		ns   int64
		want string
	}{{1_500_000_500, "1.500001"}, {1_500_000_499, "1.500000"}, {-1_500_000_500, "-1.500001"}, {999_999_999, "1.000000"}, {-400, "0.000000"}, {9_999_999_999_999, "10000.000000"}} {
		if got := string(Decimal{}.Append(nil, c.ns, 1e9, 6, 6)); got != c.want {
			t.Errorf("%d ns with 6 digits: %s, want %s", c.ns, got, c.want)
		}
	}
}

func TestDecimalUnitsAndExponents(t *testing.T) {
	for _, c := range []struct {
		text string
		unit int64
		ns   int64
		back string
	}{
		{"1666344684449078006", 1, 1666344684449078006, ""}, {"1666344684449078", 1e3, 1666344684449078000, ""},
		{"1666344684449.078006", 1e6, 1666344684449078006, ""}, {"1666344684.449078006", 1e9, 1666344684449078006, ""},
		{"9.5e-05", 1e9, 95_000, "0.000095"}, {"1e-9", 1e9, 1, "0.000000001"}, {"1.25E+2", 1e9, 125e9, "125"}, {"1e-10", 1e9, 0, "0.0000000001"},
	} {
		d, err := ParseDecimal([]byte(c.text), c.unit)
		if err != nil || d.Ns != c.ns {
			t.Errorf("%s: %d ns, %v; want %d", c.text, d.Ns, err, c.ns)
			continue
		}
		if c.back == "" {
			c.back = c.text
		}
		if got := string(d.Append(nil, d.Ns, c.unit, d.Places, max(d.Places, 0))); got != c.back {
			t.Errorf("%s: printed %s, want %s", c.text, got, c.back)
		}
	}
}

func TestDecimalRefuses(t *testing.T) {
	for _, text := range []string{"", "-", ".5", "5.", "+1", "01", "1 ", "1,5", "nan", "inf", "0x1", "1e", "1e999999999", "1e5e5", "9223372036.854775807",
		"99999999999999999999", "1.2.3", "1:00.5", "0." + strings.Repeat("1", 60)} {
		if d, err := ParseDecimal([]byte(text), 1e9); !errors.Is(err, ErrDecimal) {
			t.Errorf("%q: %+v, %v", text, d, err)
		}
	}
}

func TestUsualPlaces(t *testing.T) {
	for _, c := range []struct {
		cells []int
		want  int
	}{{nil, 0}, {[]int{6, 6, 12, 2, 6}, 6}, {[]int{1, 9}, 9}, {[]int{0, 0, 3}, 0}, {[]int{maxPlaces}, maxPlaces}} {
		var p Places
		for _, n := range c.cells {
			p.Add(Decimal{Places: n})
		}
		if got := p.Usual(); got != c.want {
			t.Errorf("%v: %d, want %d", c.cells, got, c.want)
		}
	}
}

// FuzzDecimal claims: whatever is read prints a text of the same value, and with whole ns added the exact sum.
func FuzzDecimal(f *testing.F) {
	f.Add("10088.199164000001", int64(-5))
	f.Add("9.5e-05", int64(1))
	f.Add("-0.0000000005", int64(0))
	f.Fuzz(func(t *testing.T, text string, by int64) {
		for _, unit := range Units {
			d, err := ParseDecimal([]byte(text), unit)
			if err != nil {
				continue
			}
			if by %= 1e15; d.Ns > 9e18 || d.Ns < -9e18 {
				continue
			}
			want, ok := new(big.Rat).SetString(text)
			if !ok {
				t.Fatalf("%q was read", text)
			}
			want.Add(want, big.NewRat(by, unit))
			out := string(d.Append(nil, d.Ns+by, unit, d.Places, max(d.Places, 9)))
			if got, ok := new(big.Rat).SetString(out); !ok || got.Cmp(want) != 0 {
				t.Fatalf("%q of %d ns and %d: %q", text, unit, by, out)
			}
		}
	})
}

// What Text says stands in the cell, in the quotes that it had; a tab separates as well as a comma.
func TestTextAnswers(t *testing.T) {
	upper := func(c *Cell, dst, text []byte) ([]byte, error) {
		if string(text) == "bad" {
			return nil, ErrDecimal
		}
		return append(append(dst, text...), '!'), nil
	}
	plan := func(h []string) (Plan, error) { return Plan{Times: []int{1}, Key: -1}, nil }
	in := "x\ty,z\tq\r\r\n1,5\t\"2\"\t3\r\r\n\t\t\n4\t5\t6"
	for _, c := range []struct {
		mode Mode
		keep bool
		want string
	}{
		{Replace, false, "x\ty,z\tq\r\r\n1,5\t\"2!\"\t3\r\r\n\t\t\n4\t5!\t6"},
		{Replace, true, "x\ty,z\tdevice y,z\tq\r\r\n1,5\t\"2!\"\t\"2\"\t3\r\r\n\t\t\t\n4\t5!\t5\t6"},
		{Add, false, "x\ty,z\thost y,z\tq\r\r\n1,5\t\"2\"\t\"2!\"\t3\r\r\n\t\t\t\n4\t5\t5!\t6"},
	} {
		got, _, err := rewrite(Table{Plan: plan, Text: upper, Comma: '\t', Mode: c.mode, KeepDeviceTime: c.keep}, in)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.mode, got, err, c.want)
		}
	}
	if _, _, err := rewrite(Table{Plan: plan, Text: upper}, "x,y\n1,bad\n"); !errors.Is(err, ErrDecimal) || !strings.Contains(err.Error(), "row 2") {
		t.Error(err)
	}
}
