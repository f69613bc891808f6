package retime

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func sample() *Manifest {
	return NewManifest(Options{Program: "pialign test", SenderStamps: SenderDevice}, &Report{
		Files: []FileReport{
			{Name: "a/events.csv", Action: Retimed, Columns: []string{"timestamp [ns]"}, Rows: 3, Input: "xxh64:1", Output: "xxh64:2"},
			{Name: "a/<x>.mp4", Action: Copied, Input: "xxh64:3", Output: "xxh64:3"},
			{Name: ".git", Action: LeftOut},
		},
		Recordings: []RecordingReport{{Name: "a", RecordingID: "r1", Alignment: "xxh64:4", SenderTotal: 2}},
	})
}

func TestManifestRoundTrip(t *testing.T) {
	m := sample()
	b, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseManifest(b)
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%+v, %v", got, err)
	}
	if !bytes.Contains(b, []byte(`"a/<x>.mp4"`)) {
		t.Errorf("names are not as they are:\n%s", b)
	}
	if len(got.Refused) != 1 || len(got.Files) != 2 || !got.Holds("a") || got.Holds("a/events.csv") || got.Holds("b") {
		t.Errorf("%+v", got)
	}
}

func TestManifestRefusals(t *testing.T) {
	good, err := sample().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, says string }{
		{`"format_version": 1`, `"format_version": 2`, "newer"},
		{`"format_version": 1`, `"format_version": 0`, "expected 1"},
		{`"format": "pialign re-timed recording"`, `"format": "x"`, "not a pialign.json"},
		{`"a/events.csv"`, `"/etc/passwd"`, "not relative"},
		{`"a/events.csv"`, `"../x"`, "not relative"},
		{`"a/events.csv"`, `"a/../../x"`, "not relative"},
		{`"a/events.csv"`, `"C:x"`, "not relative"},
		{`"a/events.csv"`, `"a\\..\\..\\x"`, "not relative"},
		{`"mode"`, `mode`, "not a pialign.json"},
	} {
		m, err := ParseManifest([]byte(strings.Replace(string(good), c.from, c.to, 1)))
		if err == nil || m != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
	if m, err := ParseManifest([]byte(strings.Replace(string(good), `"mode"`, `"later": 1, "mode"`, 1))); err != nil || m.Mode != Replace {
		t.Errorf("an unknown field: %v", err)
	}
}

// FuzzManifest claims: what is accepted is accepted again after writing, and says the same.
func FuzzManifest(f *testing.F) {
	b, err := sample().Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			if m != nil {
				t.Fatal("a manifest with an error")
			}
			return
		}
		one, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseManifest(one)
		if err != nil {
			t.Fatal(err)
		}
		two, err := again.Marshal()
		if err != nil || !bytes.Equal(one, two) || !json.Valid(one) {
			t.Fatalf("%s, then %s, %v", one, two, err)
		}
	})
}

func TestOptionsCheck(t *testing.T) {
	for _, o := range []Options{
		{Mode: "overwrite"}, {Mode: Add, KeepDeviceTime: true}, {SenderStamps: "phone"}, {Ambiguous: "third"}, {SenderStamps: SenderHost, Clock: "lsl"},
	} {
		if o.Check() == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	for _, o := range []Options{{}, {Mode: Add}, {KeepDeviceTime: true, Ambiguous: "empty"}, {SenderStamps: SenderHost, Clock: "wall"}, {SenderStamps: SenderDevice, Clock: "lsl"}} {
		if err := o.Check(); err != nil {
			t.Error(err)
		}
	}
}
