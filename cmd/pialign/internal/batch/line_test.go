package batch

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

var errTest = errors.New("cannot be read")

func TestLinesSurvive(t *testing.T) {
	lines := []Line{
		{Format: 1, Input: "p01/<ä>", Output: "p01/<ä>", Kind: "Pupil Cloud recording", Files: 9, Bytes: 1 << 40, State: Paired, Sessions: []string{"s"},
			Recordings: []Recording{{Name: "r", RecordingID: "id", First: 1_732_449_600_123_456_789, Last: 1_732_449_600_123_456_790, Source: "s", Why: "w"}}},
		{Format: 1, Input: "b", State: Broken, Problem: "p", Settle: "s"},
	}
	var b bytes.Buffer
	if err := WriteLines(&b, lines); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"first_device_ns":"1732449600123456789"`) || strings.Count(b.String(), "\n") != 2 {
		t.Errorf("%s", b.String())
	}
	got, err := ReadLines("plan", strings.NewReader("\ufeff"+strings.ReplaceAll(b.String(), "\n", "\r\n\r\n"))) // as editors leave it
	if err != nil || !reflect.DeepEqual(got, lines) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLinesThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		`{"format_version":2,"input":"a","state":"paired","more":1}`:        "newer than this program",
		`{"format_version":2,"input":"a","state":"paired"}`:                 "newer than this program",
		`{"format_version":1,"input":"a","state":"sure"}`:                   "expected paired, doubtful",
		`{"format_version":1,"state":"paired"}`:                             "no input",
		`{"input":"a","state":"paired"}`:                                    "no format_version",
		`{"format_version":1,"input":"a","state":"paired","sesions":["s"]}`: "sesions",
		`{"format_version":1,"input":"a","state":"paired"} {}`:              "more than one",
		`{"format_version":1,`:                                              "not a plan",
		"input,session":                                                     "not a plan",
	} {
		_, err := ReadLines("plan.jsonl", strings.NewReader("\n"+text+"\n"))
		if !errors.Is(err, ErrPlan) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "plan.jsonl: line 2: ") {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
}

func FuzzReadLines(f *testing.F) {
	f.Add(`{"format_version":1,"input":"a","state":"paired","recordings":[{"name":"r","first_device_ns":"1"}]}`)
	f.Add("{}\n{}")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := ReadLines("plan", strings.NewReader(text))
		if err != nil {
			if lines != nil {
				t.Errorf("%v, and lines", err)
			}
			return
		}
		var b bytes.Buffer
		if err := WriteLines(&b, lines); err != nil {
			t.Fatal(err)
		}
		again, err := ReadLines("plan", bytes.NewReader(b.Bytes()))
		if err != nil || len(again) != len(lines) {
			t.Errorf("%v: %d lines, then %d", err, len(lines), len(again))
		}
	})
}
