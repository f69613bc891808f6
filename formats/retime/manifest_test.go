package retime

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/digest"
)

func sample() *Manifest {
	return NewManifest(Options{Program: "pialign test", SenderStamps: SenderDevice}, &Report{
		Files: []FileReport{
			{Name: "a/events.csv", Action: Retimed, Columns: []string{"timestamp [ns]"}, Rows: 3, Input: "xxh3:1", Output: "xxh3:2"},
			{Name: "a/<x>.mp4", Action: Copied, Input: "xxh3:3", Output: "xxh3:3"},
			{Name: ".git", Action: LeftOut},
		},
		Recordings: []RecordingReport{{Name: "a", RecordingID: "r1", Alignment: "xxh3:4", SenderTotal: 2}},
	})
}

func TestManifestRoundTrip(t *testing.T) {
	m := sample()
	b, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseManifest(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Intact(b); err != nil {
		t.Error(err)
	}
	sum := got.Digest
	if got.Digest = ""; !strings.HasPrefix(sum, "xxh3:") || !reflect.DeepEqual(got, m) {
		t.Errorf("digest %q, %+v", sum, got)
	}
	if !bytes.Contains(b, []byte(`"a/<x>.mp4"`)) {
		t.Errorf("names are not as they are:\n%s", b)
	}
	if len(got.Refused) != 1 || len(got.Files) != 2 || !got.Holds("a") || got.Holds("a/events.csv") || got.Holds("b") {
		t.Errorf("%+v", got)
	}
}

// TestManifestIntact: no byte of it changes unnoticed, with a digest of either kind. As an early version wrote it, without one, its
// form at least must be right.
func TestManifestIntact(t *testing.T) {
	sha := sample()
	for i := range sha.Files {
		sha.Files[i].Output = digest.Bytes(nil, true)
	}
	early, err := sample().encode()
	if err != nil {
		t.Fatal(err)
	}
	if m, err := ParseManifest(early); err != nil || m.Intact(early) != nil {
		t.Errorf("without a digest: %v", err)
	}
	spoilt := bytes.Replace(early, []byte(`"clock"`), []byte(`"Clock"`), 1)
	if m, err := ParseManifest(spoilt); err != nil || m.Intact(spoilt) == nil {
		t.Errorf("without a digest and in another form: %v", err)
	}
	var all [][]byte
	for _, m := range []*Manifest{sample(), sha} {
		b, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	for _, b := range all {
		m, err := ParseManifest(b)
		if err == nil {
			err = m.Intact(b)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			for bit := range 8 {
				c := slices.Clone(b)
				c[i] ^= 1 << bit
				m, err := ParseManifest(c)
				if err == nil && m.Intact(c) == nil {
					t.Errorf("byte %d, bit %d: nothing is seen of it in %q", i, bit, c[max(0, i-20):i+20])
				}
			}
		}
	}
	if !bytes.Contains(all[1], []byte(`"digest": "sha256:`)) {
		t.Errorf("%s", all[1])
	}
}

// TestManifestHoldsAllOptions: one that it does not hold could not be repeated.
func TestManifestHoldsAllOptions(t *testing.T) {
	opt := Options{Mode: Add, KeepDeviceTime: true, Ambiguous: "first", SenderStamps: SenderDevice, Unaligned: UnalignedLeave, Clock: "lsl", Format: Feather, RecomputeDurations: true, SHA256: true, Program: "pialign test"}
	v := reflect.ValueOf(opt)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Hardlink" { // which gives the same bytes
			t.Errorf("%s is not tried here", name)
		}
	}
	m := NewManifest(opt, &Report{Files: []FileReport{{Name: "a", Action: Copied, Output: digest.Bytes(nil, true)}}})
	b, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if m, err := ParseManifest(b); err != nil || !reflect.DeepEqual(m.Options(), opt) {
		t.Errorf("%+v, %v", m.Options(), err)
	}
}

func TestManifestIsAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ManifestName)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if m, err := ReadManifest(dir); m != nil || !errors.Is(err, ErrManifest) {
		t.Errorf("a folder: %v", err)
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
		{`"a/<x>.mp4"`, `"a/events.csv"`, "twice"},
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
		if err == nil {
			err = again.Intact(one)
		}
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
	for _, o := range []Options{{}, {Mode: Add}, {KeepDeviceTime: true, Ambiguous: "empty"}, {SenderStamps: SenderHost, Clock: "wall"}, {SenderStamps: SenderDevice, Unaligned: UnalignedLeave, Clock: "lsl"}} {
		if err := o.Check(); err != nil {
			t.Error(err)
		}
	}
}
