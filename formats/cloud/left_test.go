package cloud_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime"
)

// A table in which no time column is found, though it holds times of the phone's, must not be copied among re-timed ones.
func TestTimesThatWouldStayThePhones(t *testing.T) {
	const at, also = "1700000002000000015", "1700000002004000015"
	utf16 := "\xff\xfe"
	for _, c := range "timestamp,x\n" + at + ",1\n" {
		utf16 += string([]byte{byte(c), 0})
	}
	for name, c := range map[string]struct {
		file, text string
		is         error
		says       []string
	}{
		"sep=":                       {"mine.csv", "sep=,\ntimestamp [ns],x\n" + at + ",1\n", retime.ErrLeft, []string{"line 3", at}},
		"a comment":                  {"mine.csv", "# exported by me\ntimestamp [ns],x\n" + at + ",1\n", retime.ErrLeft, []string{"line 3", at}},
		"a comment with a comma":     {"mine.csv", "# a, b\ntimestamp [ns],x\n\"" + at + "\",1\n", retime.ErrLeft, []string{"line 3", at}},
		"semicolons, a comma":        {"mine.csv", "timestamp [ns];gaze, x\n" + at + ";1, 5\n", retime.ErrTable, []string{"not separated by commas"}},
		"semicolons, a comma, ahead": {"mine.csv", "gaze, x;timestamp [ns]\n1, 5;" + at + "\n", retime.ErrTable, []string{"not separated by commas"}},
		"tabs, a comma":              {"mine.csv", "timestamp [ns]\tgaze, x\n" + at + "\t1, 5\n", retime.ErrTable, []string{"not separated by commas"}},
		"tabs, no unit":              {"mine.csv", "time\tgaze, x\n" + at + "\t1\n", retime.ErrLeft, []string{"line 2", at}},
		"_ns":                        {"mine.csv", "timestamp_ns,x\n" + at + ",1\n", retime.ErrLeft, []string{`"timestamp_ns"`, "[ns]"}},
		"(ns)":                       {"mine.csv", "x,\"Timestamp (ns)\"\n1," + at + "\n", retime.ErrLeft, []string{`"Timestamp (ns)"`}},
		"no unit":                    {"mine.csv", "x,t\n1,\n1," + at + "\n", retime.ErrLeft, []string{`"t"`, "line 3"}},
		"no header":                  {"mine.csv", at + ",1\n" + also + ",2\n", retime.ErrLeft, []string{"line 1", at}},
		"a float":                    {"mine.csv", "x,t\n1," + at + ".0\n", retime.ErrLeft, []string{at}},
		"beside a time column":       {"mine.csv", "timestamp [ns],time_ns\n" + at + "," + also + "\n", retime.ErrLeft, []string{`"time_ns"`, "row 2", also}},
		"in a table of Pupil Cloud":  {"gaze.csv", "recording id,timestamp [ns],original\nr1," + at + ",\nr1," + also + "," + also + "\n", retime.ErrLeft, []string{`"original"`, "line 3", also}},
		"a quote that is not closed": {"mine.csv", "x,t\n\"1," + at + "\n", retime.ErrLeft, []string{at}},
		"UTF-16":                     {"mine.csv", utf16, retime.ErrLeft, []string{at}},
		"tsv":                        {"mine.tsv", "t\tx\n" + at + "\t1\n", retime.ErrLeft, []string{at}},
	} {
		_, _, err := attempt(t, plain.With(files{c.file: c.text}), second.Clocks(t), retime.Options{})
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.file) {
			t.Errorf("%s: %v, want %v", name, err, c.is)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q is not in: %v", name, s, err)
			}
		}
	}
}

// What only looks like times is copied, and said.
func TestLookAlikes(t *testing.T) {
	for name, c := range map[string]struct{ text, warns string }{
		"a span":               {"reaction_ns,x\n350000000,1\n", `"reaction_ns"`},
		"a span (ns)":          {"x,reaction (ns)\n1,350000000\n", `"reaction (ns)"`},
		"beside a time column": {"timestamp [ns],delay_ns\n1700000002000000015,5\n", `"delay_ns"`},
		"a comment":            {"# a comment\ntimestamp [ns],x\n", "[ns]"},
		"years away":           {"t_ns\n1600000000000000000\n", `"t_ns"`},
		"no times":             {"columns,answer\nl,yes\n", ""},
		"an id of 20 digits":   {"id\n17000000020000000150\n", ""},
		"a fraction":           {"x\n0.1700000002000000015\n", ""},
		"a part of a word":     {"x\nid1700000002000000015\n", ""},
	} {
		f := plain.With(files{"mine.csv": c.text})
		out, rep, err := attempt(t, f, second.Clocks(t), retime.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if out["mine.csv"] != c.text && name != "beside a time column" {
			t.Errorf("%s: became %q", name, out["mine.csv"])
		}
		warned := strings.Join(rep.Recordings[0].Warnings, "\n")
		if c.warns == "" && warned != "" || !strings.Contains(warned, c.warns) || c.warns != "" && !strings.Contains(warned, "mine.csv") {
			t.Errorf("%s: warned of %q", name, warned)
		}
	}
}
