package alignfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pialign/pialign/align"
)

func sample(t testing.TB) *File {
	t.Helper()
	// Above 2^53 and odd, so that a float would change them.
	const ref = align.DeviceTime(1_790_000_000_123_456_789)
	seg := func(piece int, from, to time.Duration, offset time.Duration, drift int64) align.Segment {
		return align.Segment{Piece: piece, From: ref.Add(from), To: ref.Add(to), Ref: ref, Offset: offset, DriftE18: drift}
	}
	knot := func(piece int, at time.Duration, w time.Duration, bounded bool) align.Knot {
		k := align.Knot{Piece: piece, At: ref.Add(at), Stat: align.Interval{Lo: -w, Hi: w + 1}, Likely: align.Interval{Lo: -2 * w, Hi: 2*w + 1}, Bounded: bounded}
		if bounded {
			k.Bound = align.Interval{Lo: -3 * w, Hi: 3*w + 1}
		}
		return k
	}
	steps := []align.Step{{From: align.HostTime(ref), To: align.HostTime(ref) + 5, By: -3 * time.Second, Proved: true}}
	parts := align.Parts{
		Segments: []align.Segment{
			seg(0, -time.Hour, 0, 840_000_001, 12_000_000_000_001), seg(0, 0, time.Hour, 840_000_001, 11_999_999_999_999),
			seg(1, 30*time.Minute, 2*time.Hour, -2_160_000_003, -7),
		},
		Knots: []align.Knot{knot(0, -time.Hour, 70, false), knot(0, 0, 7, true), knot(1, time.Hour, 9, true)},
		First: ref.Add(-time.Minute), Last: ref.Add(time.Hour), Steps: steps,
	}
	wall, err := align.NewModel[align.HostTime](parts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts.Segments { // the monotonic clock has another origin
		parts.Segments[i].Offset -= time.Duration(ref)
	}
	mono, err := align.NewModel[align.MonoTime](parts)
	if err != nil {
		t.Fatal(err)
	}
	return &File{
		Device: Device{ID: "d55a33b5ab845785", Name: "Télé <1> & \"2\""}, Program: "pialign 0.1.0",
		Logs:         []LogRef{{"20260921T141320.123Z_start_d55a33b5ab845785.parquet", "xxh3:2d06800538d394c2"}},
		RecordingIDs: []string{"54e7d0bb-5b4c-40e6-baed-f2e11eb4f53b"},
		Alignment: &align.Alignment{
			Wall: wall, Mono: mono, HostSteps: []align.Step{{From: 1, To: 2, By: 3}},
			Diagnosis: align.Diagnosis{
				Method: "maximum margin", Base: align.BaseMono, Samples: 200, Used: 198,
				Quanta:   []align.Quantum{{Clock: "device", Protocol: "event", Resolution: time.Millisecond}, {Clock: "wall", Resolution: 1}},
				Rounding: align.RoundingUnknown,
				Bursts: []align.BurstReport{{
					Phase: "start", First: ref, Last: ref + 1, Kept: 98, Dropped: 2, RTTMin: 3, RTTMedian: 4, RTTP95: 5, RTTMax: 6, Offset: 7, Width: 8,
					Path: 0, OffsetSD: 9,
				}},
				DriftE18: 12_000_000_000_001, DriftSDE18: 5, WanderPPM: 0.02, SmallestRTT: 3_000_001, BoundE18: 1_000_000_000_000,
				Paths: []align.PathReport{{
					Bursts: 1, Floor: 2_000_001, FloorSD: 7, Pooled: 0.75,
					Up: align.LawReport{Shape: 1, Scale: 3, Tail: 2.5, Flat: 0.01, Q10: 4}, Down: align.LawReport{Shape: 1.25, Scale: 5, Tail: 4, Q10: 6},
				}},
				Warnings:    []align.Warning{{Kind: align.WarnFewSamples, Text: "few"}},
				Assumptions: []string{"the phone's rate changes by less than 1 ppm"},
			},
		},
	}
}

func marshal(t testing.TB, f *File) []byte {
	t.Helper()
	b, err := Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	whole := sample(t)
	noMono := sample(t)
	noMono.Alignment.Mono, noMono.Alignment.HostSteps = nil, nil
	noMono.Device, noMono.Logs, noMono.RecordingIDs = Device{}, nil, nil
	noMono.Alignment.Diagnosis = align.Diagnosis{}
	noWall := sample(t)
	noWall.Alignment.Wall = nil
	otherSteps := sample(t)
	p := otherSteps.Alignment.Mono.Parts()
	p.Steps = nil
	mono, err := align.NewModel[align.MonoTime](p)
	if err != nil {
		t.Fatal(err)
	}
	otherSteps.Alignment.Mono = mono
	for name, f := range map[string]*File{"whole": whole, "wall alone": noMono, "monotonic alone": noWall, "other steps": otherSteps} {
		b := marshal(t, f)
		got, err := Unmarshal("a.json", b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got, f) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got.Alignment, f.Alignment)
		}
		if again := marshal(t, got); !bytes.Equal(again, b) {
			t.Errorf("%s: the bytes differ", name)
		}
	}
}

func TestFiguresThatJSONLacks(t *testing.T) {
	f := sample(t)
	f.Alignment.Diagnosis.WanderPPM, f.Alignment.Diagnosis.Paths[0].Up.Tail = math.NaN(), math.Inf(1)
	b := marshal(t, f)
	got, err := Unmarshal("a.json", b)
	if err != nil {
		t.Fatal(err)
	}
	d := got.Alignment.Diagnosis
	if !math.IsNaN(d.WanderPPM) || !math.IsNaN(d.Paths[0].Up.Tail) || !bytes.Equal(marshal(t, got), b) {
		t.Errorf("wander %v, tail %v", d.WanderPPM, d.Paths[0].Up.Tail)
	}
	if err := validate(t, schema(t), b); err != nil {
		t.Error(err)
	}
}

func TestFileIsMadeWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alignment", "d55a33b5ab845785.json")
	want := sample(t)
	for range 2 { // a second fit replaces the first
		if err := Write(path, want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := Write(path, &File{}); err == nil {
		t.Error("no alignment is written")
	}
	if got, err := Read(path); err != nil || got == nil {
		t.Errorf("the one before is gone: %v", err)
	}
	if _, err := Read(path + "x"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path+"x") {
		t.Errorf("a missing one: %v", err)
	}
}

// TestDiagnosisIsWhole sets every field of align.Diagnosis to something and looks for it after a round trip: a
// field that was added there and forgotten here fails.
func TestDiagnosisIsWhole(t *testing.T) {
	f := sample(t)
	n := int64(0)
	fill(reflect.ValueOf(&f.Alignment.Diagnosis).Elem(), &n)
	got, err := Unmarshal("a.json", marshal(t, f))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Alignment.Diagnosis, f.Alignment.Diagnosis) {
		t.Errorf("\n got %+v\nwant %+v", got.Alignment.Diagnosis, f.Alignment.Diagnosis)
	}
}

// fill gives everything in v a value of its own.
func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("text " + string(rune('a'+*n%26)) + string(rune('a'+*n/26%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	default:
		v.SetInt(*n)
	}
}

// schema is that of the documentation.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/formats/alignment.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t testing.TB, s *jsonschema.Schema, b []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestSchemaAgrees(t *testing.T) {
	s := schema(t)
	b := marshal(t, sample(t))
	if err := validate(t, s, b); err != nil {
		t.Fatal(err)
	}
	bare := sample(t)
	bare.Alignment.Mono, bare.Alignment.Diagnosis, bare.Logs = nil, align.Diagnosis{}, nil
	if err := validate(t, s, marshal(t, bare)); err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../docs/formats/alignment.example.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, s, example); err != nil {
		t.Error(err)
	}
	// Each member, taken away or made something else: the schema and the reader agree.
	var doc any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	tried := 0
	each(doc, func(place string, set func(any, bool), old any) {
		for _, change := range []struct {
			value any
			keep  bool
		}{{nil, false}, {nil, true}, {json.Number("1"), true}, {"x", true}, {map[string]any{}, true}, {[]any{json.Number("1")}, true}} {
			set(change.value, change.keep)
			changed, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			_, readErr := Unmarshal("a.json", changed)
			schemaErr := validate(t, s, changed)
			set(old, true)
			tried++
			// The reader knows more: whether segments adjoin, whether there is a clock at all.
			if schemaErr != nil && readErr == nil {
				t.Errorf("%s = %v (kept: %v): the reader takes it, the schema says %v", place, change.value, change.keep, schemaErr)
			}
			if schemaErr == nil && readErr != nil && !strings.Contains(readErr.Error(), "host_clocks") {
				t.Errorf("%s = %v (kept: %v): the schema takes it, the reader says %v", place, change.value, change.keep, readErr)
			}
		}
	})
	if tried < 300 {
		t.Errorf("only %d changes were tried", tried)
	}
}

// each calls f for every member of every object below v, with a function to change or (keep false) remove it.
func each(v any, f func(place string, set func(value any, keep bool), old any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, old := range v {
			f(key, func(value any, keep bool) {
				if v[key] = value; !keep {
					delete(v, key)
				}
			}, old)
			each(old, f)
		}
	case []any:
		for _, e := range v {
			each(e, f)
		}
	}
}

func TestEveryInstantIsAString(t *testing.T) {
	var doc any
	if err := json.Unmarshal(marshal(t, sample(t)), &doc); err != nil {
		t.Fatal(err)
	}
	found := 0
	each(doc, func(place string, _ func(any, bool), old any) {
		if strings.HasSuffix(place, "_ns") || strings.HasSuffix(place, "_e18") {
			found++
			if _, text := old.(string); !text && old != nil {
				t.Errorf("%s is %v", place, old)
			}
		}
	})
	if found < 80 {
		t.Errorf("only %d were found", found)
	}
}

func TestRefused(t *testing.T) {
	good := string(marshal(t, sample(t)))
	edit := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("there is no %s", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for name, c := range map[string]struct {
		in   string
		want error
		says string
	}{
		"empty":           {"", ErrForeign, "empty"},
		"spaces":          {" \n", ErrForeign, "empty"},
		"HTML":            {"<html>", ErrForeign, "invalid character"},
		"other JSON":      {`{"format_version": 1}`, ErrForeign, "alignment"},
		"a list":          {`[]`, ErrForeign, ""},
		"cut":             {good[:len(good)/2], ErrForeign, "unexpected end"},
		"something after": {good + "{}", ErrForeign, "after top-level value"},
		"newer":           {edit(`"format_version": 1`, `"format_version": 2`), ErrVersion, "version 2"},
		"newer and other": {`{"pialign":"alignment","format_version":9,"new":[]}`, ErrVersion, "version 9"},
		"version 0":       {edit(`"format_version": 1`, `"format_version": 0`), ErrDamaged, "version 0"},
		"version 1.5":     {edit(`"format_version": 1`, `"format_version": 1.5`), ErrDamaged, "1.5"},
		"unknown field":   {edit(`"steps": [`, `"comment": 1, "steps": [`), ErrDamaged, `"comment"`},
		"field twice":     {edit(`"offset_ns": "840000001"`, `"offset_ns": "840000001", "offset_ns": "0"`), ErrDamaged, `"offset_ns"`},
		"other case":      {edit(`"offset_ns"`, `"Offset_ns"`), ErrDamaged, `"Offset_ns"`},
		"no offset":       {edit(`"offset_ns": "840000001",`, ``), ErrDamaged, `"offset_ns"`},
		"a number":        {edit(`"offset_ns": "840000001"`, `"offset_ns": 840000001`), ErrDamaged, "in quotes"},
		"a fraction":      {edit(`"offset_ns": "840000001"`, `"offset_ns": "840000001.5"`), ErrDamaged, "840000001.5"},
		"a plus":          {edit(`"offset_ns": "840000001"`, `"offset_ns": "+840000001"`), ErrDamaged, "+840000001"},
		"65 bits":         {edit(`"offset_ns": "840000001"`, `"offset_ns": "9223372036854775808"`), ErrDamaged, "9223372036854775808"},
		"null":            {edit(`"drift_e18": "12000000000001"`, `"drift_e18": null`), ErrDamaged, ""},
		"half a bound":    {edit(`"bound_lo_ns": null`, `"bound_lo_ns": "1"`), ErrDamaged, "bound"},
		"a gap":           {edit(`"to_ns": "1790000000123456789"`, `"to_ns": "1790000000123456788"`), ErrDamaged, "adjoin"},
		"digest":          {edit(`"xxh3:2d06800538d394c2"`, `"ef46db3751d8e999"`), ErrDamaged, "digest"},
		"no clock":        {`{"pialign":"alignment","format_version":1}`, ErrDamaged, "program_version"},
	} {
		f, err := Unmarshal("dir/a.json", []byte(c.in))
		if !errors.Is(err, c.want) || f != nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "dir/a.json: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	path := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(path, make([]byte, maxFile+1), 0o666); err != nil {
		t.Fatal(err)
	}
	if f, err := Read(path); !errors.Is(err, ErrForeign) || f != nil {
		t.Errorf("above the largest: %v", err)
	}
}

// FuzzUnmarshal claims: what is read is written so that it reads the same, as the schema allows; an error comes
// with nothing.
func FuzzUnmarshal(f *testing.F) {
	f.Add(marshal(f, sample(f)))
	bare := sample(f)
	bare.Alignment.Mono, bare.Alignment.Diagnosis = nil, align.Diagnosis{}
	f.Add(marshal(f, bare))
	f.Add([]byte(`{"pialign":"alignment","format_version":1}`))
	s := schema(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Unmarshal("a.json", b)
		if err != nil {
			if got != nil {
				t.Fatal("an error with a file")
			}
			return
		}
		again := marshal(t, got)
		got2, err := Unmarshal("a.json", again)
		if err != nil || !bytes.Equal(marshal(t, got2), again) { // bytes: a figure that is undefined differs from itself
			t.Fatalf("read\n%+v\nthen\n%+v, %v", got, got2, err)
		}
		if err := validate(t, s, again); err != nil {
			t.Fatal(err)
		}
	})
}
