package native_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

type (
	line  = retimetest.Line
	files = retimetest.Files
)

var (
	identity = line{Ref: 1_700_000_000_000_000_000}
	second   = line{Ref: 1_700_000_000_000_000_000, Offset: time.Second}
	drifting = line{Ref: 1_700_000_000_000_000_000, Offset: time.Second, DriftE18: -30_000_000_000_000} // -30 ppm
)

// realFolder is the native folder of the data set, or the test is skipped where there is none.
func realFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "real", "neon-native-demo_recording-pl-neon-recording")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatalf("real recordings are required: %v", err)
		}
		t.Skipf("no real recordings: %v", err)
	}
	return dir
}

// retimed runs Check and Retime on dir and returns the result.
func retimed(t *testing.T, dir string, clocks retime.Clocks, opt retime.Options) (files, *retime.Report, error) {
	t.Helper()
	before := retimetest.Read(t, dir)
	parent := t.TempDir()
	rec, err := native.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	_, checked := rec.Check(context.Background(), clocks, opt)
	rep, err := rec.Retime(context.Background(), filepath.Join(parent, "out"), clocks, opt)
	if fmt.Sprint(checked) != fmt.Sprint(err) {
		t.Errorf("Check says %v, Retime %v", checked, err)
	}
	for name, b := range retimetest.Read(t, dir) {
		if before[name] != b {
			t.Errorf("the input %s changed", name)
		}
	}
	if err != nil {
		if left, _ := os.ReadDir(parent); len(left) > 0 {
			t.Errorf("after %v there is %s", err, left[0].Name())
		}
		return nil, nil, err
	}
	return retimetest.Read(t, filepath.Join(parent, "out")), rep, nil
}

// stampsOf reads the int64 at one place of each record.
func stampsOf(b string, size, at int) []int64 {
	var all []int64
	for ; len(b) >= size; b = b[size:] {
		all = append(all, int64(binary.LittleEndian.Uint64([]byte(b[at:at+8]))))
	}
	return all
}

// packetsOf reads the stamps of extimu packets, by arithmetic of its own: their field 1 comes first.
func packetsOf(b string) []int64 {
	var all []int64
	for len(b) >= 2 {
		size := int(b[0]) | int(b[1])<<8
		packet := b[2 : 2+size]
		v, shift := uint64(0), 0
		for i := 1; ; i++ {
			v |= uint64(packet[i]&0x7f) << shift
			if shift += 7; packet[i] < 0x80 {
				break
			}
		}
		all = append(all, int64(v))
		b = b[2+size:]
	}
	return all
}

// times are all stamps of a folder, by file and field.
func times(f files) map[string][]int64 {
	all := map[string][]int64{}
	for name, b := range f {
		switch {
		case strings.HasSuffix(name, ".time"), strings.HasSuffix(name, ".time_aux"):
			all[name] = stampsOf(b, 8, 0)
		case strings.HasPrefix(name, "imu ps") && strings.HasSuffix(name, ".raw"):
			all[name] = stampsOf(b, 48, 0)
		case strings.HasPrefix(name, "blinks ps") && strings.HasSuffix(name, ".raw"):
			all[name], all[name+" end"] = stampsOf(b, 20, 4), stampsOf(b, 20, 12)
		case strings.HasPrefix(name, "fixations ps") && strings.HasSuffix(name, ".raw"):
			all[name], all[name+" end"] = stampsOf(b, 60, 4), stampsOf(b, 60, 12)
		case strings.HasPrefix(name, "extimu ps") && strings.HasSuffix(name, ".raw"):
			all[name] = packetsOf(b)
		}
	}
	return all
}

func TestRealIdentityIsByteIdentical(t *testing.T) {
	dir := realFolder(t)
	out, rep, err := retimed(t, dir, identity.Clocks(t), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := retimetest.Same(retimetest.Read(t, dir), out); err != nil {
		t.Error(err)
	}
	r := rep.Recordings[0]
	if r.DeviceID != "e5ebe313d6c572a2" || r.RecordingID != "d69bb34f-a63c-4a5c-8c52-5129b3082654" || r.SenderTotal != 0 ||
		r.First != 1760676788219000000 || r.Last != 1760676799453272534 || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "lists 4 files that are not here") {
		t.Errorf("%+v", r)
	}
}

// Every stamp moves by the model's integer, no other byte moves, stamps that were equal still are, and the manifest
// is of the new files.
func TestRealStampsMove(t *testing.T) {
	dir := realFolder(t)
	in := retimetest.Read(t, dir)
	for name, l := range map[string]line{"+1 s": second, "+1 s -30 ppm": drifting} {
		got, rep, err := retimed(t, dir, l.Clocks(t), retime.Options{SHA256: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before, after := times(in), times(got)
		if len(before) != 19 { // 13 arrays, and 6 fields inside records
			t.Fatalf("%d series of stamps", len(before))
		}
		n := 1 // start_time
		for file, series := range before {
			n += len(series)
			for i, p := range series {
				if after[file][i] != l.Host(p) {
					t.Fatalf("%s: %s, stamp %d: %d became %d, want %d", name, file, i+1, p, after[file][i], l.Host(p))
				}
			}
		}
		cells := 0
		for _, f := range rep.Files {
			for _, s := range f.Spans {
				cells += s.Cells
			}
		}
		if cells != n {
			t.Errorf("%s: %d stamps reported, %d in the files", name, cells, n)
		}
		start := strconv.FormatInt(l.Host(1760676788219000000), 10)
		if want := strings.Replace(in["info.json"], "1760676788219000000", start, 1); got["info.json"] != want {
			t.Errorf("%s: info.json became %s", name, got["info.json"])
		}
		for file, b := range in {
			if len(got[file]) != len(b) && file != "manifest.json" { // whose checksums have no leading zeros
				t.Errorf("%s: %s has another size", name, file)
			}
			if before[file] == nil && file != "info.json" && !strings.HasPrefix(file, "manifest.json") && got[file] != b {
				t.Errorf("%s: %s changed, and holds no times", name, file)
			}
		}
		if err := rest(in, got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := listedRight(got, in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for raw, time := range map[string]string{"imu ps1.raw": "imu ps1.time", "extimu ps1.raw": "extimu ps1.time",
			"blinks ps1.raw": "blinks ps1.time", "fixations ps1.raw": "fixations ps1.time"} {
			if fmt.Sprint(after[raw]) != fmt.Sprint(after[time]) {
				t.Errorf("%s: %s and %s differ", name, raw, time)
			}
		}
		// A clock that is wrong by 1 ns must be noticed.
		wrong := line{Ref: l.Ref, Offset: l.Offset + 1, DriftE18: l.DriftE18}
		if after["gaze ps1.time"][0] == wrong.Host(before["gaze ps1.time"][0]) {
			t.Errorf("%s: a wrong clock passes", name)
		}
	}
}

// rest compares the bytes of records that are not stamps.
func rest(in, out files) error {
	for name, size := range map[string]int{"imu ps1.raw": 48, "blinks ps1.raw": 20, "fixations ps1.raw": 60} {
		stamps := map[int]bool{}
		from, to := 4, 20
		if name == "imu ps1.raw" {
			from, to = 0, 8
		}
		for i := from; i < to; i++ {
			stamps[i] = true
		}
		for i := range in[name] {
			if !stamps[i%size] && in[name][i] != out[name][i] {
				return fmt.Errorf("%s: byte %d changed", name, i)
			}
		}
	}
	a, b := in["extimu ps1.raw"], out["extimu ps1.raw"]
	for at := 0; at < len(a); {
		size := 2 + int(a[at]) + int(a[at+1])<<8
		stamp := at + 3 // length, tag; then nine bytes
		if a[at:stamp] != b[at:stamp] || a[stamp+9:at+size] != b[stamp+9:at+size] {
			return fmt.Errorf("extimu: packet at byte %d changed beside its stamp", at)
		}
		at += size
	}
	return nil
}

// listedRight checks the manifest of out as a program of the vendor's might, and that files that are not there are
// listed as before.
func listedRight(out, in files) error {
	type entry struct {
		Name string
		Size int
		CRC  string
	}
	var now, before []entry
	if err := json.Unmarshal([]byte(out["manifest.json"]), &now); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(in["manifest.json"]), &before); err != nil {
		return err
	}
	if len(now) != len(before) {
		return fmt.Errorf("%d entries became %d", len(before), len(now))
	}
	changed := 0
	for i, e := range now {
		b, ok := out[e.Name]
		switch crc := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(b))), 16); {
		case !ok && e != before[i]:
			return fmt.Errorf("%s is not there, and listed anew", e.Name)
		case ok && (e.Size != len(b) || e.CRC != crc):
			return fmt.Errorf("%s: listed with %d and %s, has %d and %s", e.Name, e.Size, e.CRC, len(b), crc)
		case ok && e != before[i]:
			changed++
		}
	}
	if changed == 0 {
		return fmt.Errorf("nothing is listed anew")
	}
	crc, err := strconv.ParseUint(strings.TrimSpace(out["manifest.json.crc"]), 16, 32)
	if err != nil || uint32(crc) != crc32.ChecksumIEEE([]byte(out["manifest.json"])) {
		return fmt.Errorf("manifest.json.crc is %q", out["manifest.json.crc"])
	}
	return nil
}

// Small host times, as of a monotonic clock, have shorter varints: packets and their file get shorter, and so the
// manifest says.
func TestRealMonotonic(t *testing.T) {
	dir := realFolder(t)
	in := retimetest.Read(t, dir)
	l := line{Ref: 1_760_676_790_000_000_000, Offset: -1_760_676_780_000_000_000}
	got, _, err := retimed(t, dir, l.Clocks(t), retime.Options{Clock: "monotonic"})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range times(in)["extimu ps1.raw"] {
		if h := times(got)["extimu ps1.raw"][i]; h != l.Host(p) {
			t.Fatalf("packet %d: %d became %d, want %d", i+1, p, h, l.Host(p))
		}
	}
	if len(got["extimu ps1.raw"]) >= len(in["extimu ps1.raw"]) {
		t.Error("no packet is shorter")
	}
	if err := listedRight(got, in); err != nil {
		t.Error(err)
	}
}

// The same work gives the same bytes, and is not done to its own result.
func TestRealTwice(t *testing.T) {
	dir := realFolder(t)
	rec, err := native.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	var first files
	for _, name := range []string{"a", "b"} {
		if _, err := rec.Retime(context.Background(), filepath.Join(parent, name), drifting.Clocks(t), retime.Options{}); err != nil {
			t.Fatal(err)
		}
		got := retimetest.Read(t, filepath.Join(parent, name))
		for file, b := range first {
			if got[file] != b {
				t.Errorf("%s differs the second time", file)
			}
		}
		first = got
	}
	if _, err := native.Open(filepath.Join(parent, "a")); err == nil || !strings.Contains(err.Error(), "pialign.json") {
		t.Errorf("re-timed twice: %v", err)
	}
	if err := os.Remove(filepath.Join(parent, "a", "pialign.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := native.Open(filepath.Join(parent, "a")); err == nil || !strings.Contains(err.Error(), "not in whole ms") {
		t.Errorf("re-timed twice without its pialign.json: %v", err)
	}
}
