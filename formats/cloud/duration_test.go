package cloud_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// fast is a clock by which a second is longer by a hundredth, so that durations of a tenth of a second change by a ms. No phone's is.
var fast = line{Ref: 1_700_000_000_000_000_000, DriftE18: 10_000_000_000_000_000}

// cutOff are the real downloads whose durations are cut off to whole ms; those of all others are rounded. Source: every row of theirs.
var cutOff = map[string]bool{"invisible-cloud-2023-glassesValidator": true, "neon-markermapper-2025-testingPupilLabs": true}

func TestRealDurationsStayUnderIdentity(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		out, _ := retimed(t, dir, identity.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice, RecomputeDurations: true})
		if err := retimetest.Same(retimetest.Read(t, dir), retimetest.Read(t, out)); err != nil {
			t.Error(err)
		}
	})
}

func TestRealDurationsAreThoseOfTheNewTimes(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		out, _ := retimed(t, dir, fast.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice, RecomputeDurations: true})
		in, got := retimetest.Read(t, dir), retimetest.Read(t, out)
		rows, changed := 0, 0
		for name, table := range got {
			if filepath.Base(name) == "info.json" {
				checkLasted(t, in[name], table)
			}
			durations := column(table, "duration [ms]")
			if !strings.HasSuffix(name, ".csv") || durations == nil {
				continue
			}
			before := column(in[name], "duration [ms]")
			starts, ends := column(table, "start timestamp [ns]"), column(table, "end timestamp [ns]")
			for i := range durations {
				start, _ := strconv.ParseInt(starts[i], 10, 64)
				end, _ := strconv.ParseInt(ends[i], 10, 64)
				length := end - start
				if !cutOff[filepath.Base(dir)] {
					length += 500_000 // no length of a real row is a half
				}
				if want := strconv.FormatInt(length/1_000_000, 10); durations[i] != want {
					t.Errorf("%s, row %d: %s ms, want %s", name, i+2, durations[i], want)
				}
				rows++
				if durations[i] != before[i] {
					changed++
				}
			}
		}
		if rows == 0 || changed == 0 {
			t.Errorf("of %d durations %d changed", rows, changed)
		}
	})
}

// checkLasted does with an info.json what the contract's formula says, in another way.
func checkLasted(t *testing.T, before, after string) {
	t.Helper()
	var was, is struct {
		Start    int64 `json:"start_time"`
		Duration int64 `json:"duration"`
	}
	if err := errors.Join(json.Unmarshal([]byte(before), &was), json.Unmarshal([]byte(after), &is)); err != nil {
		t.Fatal(err)
	}
	if want := fast.Host(was.Start+was.Duration) - fast.Host(was.Start); is.Duration != want || is.Duration == was.Duration {
		t.Errorf("duration %d, want %d", is.Duration, want)
	}
}

const blinkHeader = "recording id,blink id,start timestamp [ns],end timestamp [ns],duration [ms]\n"

func blinks(rows string) files { return plain.With(files{"blinks.csv": blinkHeader + rows}) }

func TestDurations(t *testing.T) {
	for name, c := range map[string]struct {
		table, want string
		opt         retime.Options
	}{
		"rounded, half to even": {
			table: blinkHeader + "r1,1,1700000000000000000,1700000000100500000,100\nr1,2,1700000001000000000,1700000001101500000,102\n",
			want:  blinkHeader + "r1,1,1700000000000000000,1700000000101505000,102\nr1,2,1700000001010000000,1700000001112515000,103\n",
		},
		"cut off": {
			table: blinkHeader + "r1,1,1700000000000000000,1700000000100900000,100\n",
			want:  blinkHeader + "r1,1,1700000000000000000,1700000000101909000,101\n",
		},
		"with a point": { // as a program prints doubles
			table: blinkHeader + "r1,1,1700000000000000000,1700000000100000000,100.0\n",
			want:  blinkHeader + "r1,1,1700000000000000000,1700000000101000000,101.0\n",
		},
		"exact": {
			table: blinkHeader + "r1,1,1700000000000000000,1700000000100250000,100.25\nr1,2,1700000001000000000,1700000001100000015,100.000015\n",
			want:  blinkHeader + "r1,1,1700000000000000000,1700000000101252500,101.2525\nr1,2,1700000001010000000,1700000001111000015,101.000015\n",
		},
		"in quotes, empty cells": {
			table: blinkHeader + "r1,1,\"1700000000000000000\",1700000000100000000,\"100\"\nr1,2,,,\n",
			want:  blinkHeader + "r1,1,\"1700000000000000000\",1700000000101000000,\"101\"\nr1,2,,,\n",
		},
		"before its end": {
			table: "recording id,start timestamp [ns],duration [ms],end timestamp [ns]\nr1,1700000000000000000,100,1700000000100000000\n",
			want:  "recording id,start timestamp [ns],duration [ms],end timestamp [ns]\nr1,1700000000000000000,101,1700000000101000000\n",
		},
		"added": {
			opt:   retime.Options{Mode: retime.Add},
			table: blinkHeader + "r1,1,1700000000000000000,1700000000100000000,100\nr1,2,,,\n",
			want: "recording id,blink id,start timestamp [ns],host start timestamp [ns],end timestamp [ns],host end timestamp [ns],duration [ms],host duration [ms]\n" +
				"r1,1,1700000000000000000,1700000000000000000,1700000000100000000,1700000000101000000,100,101\nr1,2,,,,,,\n",
		},
		"the phone's kept": {
			opt:   retime.Options{KeepDeviceTime: true},
			table: blinkHeader + "r1,1,1700000000000000000,1700000000100000000,100\n",
			want: "recording id,blink id,start timestamp [ns],device start timestamp [ns],end timestamp [ns],device end timestamp [ns],duration [ms],device duration [ms]\n" +
				"r1,1,1700000000000000000,1700000000000000000,1700000000101000000,1700000000100000000,101,100\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.opt.RecomputeDurations = true
			out, _, err := attempt(t, plain.With(files{"blinks.csv": c.table}), fast.Clocks(t), c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if out["blinks.csv"] != c.want {
				t.Errorf("got\n%swant\n%s", out["blinks.csv"], c.want)
			}
			same, _, err := attempt(t, plain.With(files{"blinks.csv": c.table}), identity.Clocks(t), retime.Options{RecomputeDurations: true})
			if err != nil || same["blinks.csv"] != c.table {
				t.Errorf("by the same clock: %v\n%s", err, same["blinks.csv"])
			}
		})
	}
}

// TestDurationsThatAreNone: what is no duration from start to end is not made one.
func TestDurationsThatAreNone(t *testing.T) {
	good := "r1,1,1700000000000000000,1700000000100700000,100\n" // cut off
	for name, c := range map[string]struct{ rows, want string }{
		"another number":         {good + "r1,2,1700000001000000000,1700000001100700000,99\n", "row 3, column \"duration [ms]\""},
		"rounded in another way": {good + "r1,2,1700000001000000000,1700000001100700000,101\n", "as in the rows before"},
		"no number":              {good + "r1,2,1700000001000000000,1700000001100700000,x\n", "row 3, column \"duration [ms]\""},
		"no end":                 {good + "r1,2,1700000001000000000,,100\n", "row 3, column \"duration [ms]\""},
	} {
		_, _, err := attempt(t, blinks(c.rows), fast.Clocks(t), retime.Options{RecomputeDurations: true})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "blinks.csv") {
			t.Errorf("%s: %v", name, err)
		}
		if name != "no number" && !errors.Is(err, retime.ErrDuration) {
			t.Errorf("%s: %v is not ErrDuration", name, err)
		}
		if _, _, err := attempt(t, blinks(c.rows), fast.Clocks(t), retime.Options{}); err != nil {
			t.Errorf("%s: without being asked for: %v", name, err)
		}
	}
}

// TestDurationBesideAnEmptyTime: where the new time is left empty, so is the new duration.
func TestDurationBesideAnEmptyTime(t *testing.T) {
	blank := retimetest.ClocksOf(func() align.Retimer {
		return func(at align.DeviceTime) (int64, error) {
			if at == 1700000000100700000 {
				return 0, align.ErrBlank
			}
			return int64(at), nil
		}
	})
	out, _, err := attempt(t, blinks("r1,1,1700000000000000000,1700000000100700000,100\n"), blank, retime.Options{RecomputeDurations: true})
	if want := blinkHeader + "r1,1,1700000000000000000,,\n"; err != nil || out["blinks.csv"] != want {
		t.Errorf("%v, %q", err, out["blinks.csv"])
	}
}

func TestDurationsThatStay(t *testing.T) {
	f := plain.With(files{"aoi.csv": "recording id,fixation id,fixation duration [ms]\nr1,1,100\n", "info.json": strings.Replace(plain["info.json"], "3600000000000,", "0,", 1)})
	out, rep, err := attempt(t, f, fast.Clocks(t), retime.Options{RecomputeDurations: true})
	if err != nil {
		t.Fatal(err)
	}
	if out["aoi.csv"] != f["aoi.csv"] || !strings.Contains(out["info.json"], `"duration": 0,`) {
		t.Errorf("%q, %q", out["aoi.csv"], out["info.json"])
	}
	all := strings.Join(rep.Recordings[0].Warnings, "\n")
	for _, want := range []string{`aoi.csv: column "fixation duration [ms]" stays as it is`, "info.json: no duration in it that can be believed"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning %q in\n%s", want, all)
		}
	}
}
