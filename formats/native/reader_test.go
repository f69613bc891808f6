package native

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

var none = context.Background()

func same(_, _ int, at align.DeviceTime) (int64, bool, error) { return int64(at), false, nil }

// FuzzLayout claims: a layout is refused, or its fields lie within the record, in order, and records re-timed by the
// identity come out as they went in, whole or with an error.
func FuzzLayout(f *testing.F) {
	f.Add("[\n(\"timestamp_ns\", \"int64\"),\n(\"x\", \"float32\"), \n]\n", []byte("0123456789ab0123456789ab0"))
	f.Add("[('start_timestamp_ns','<i8'),('end_timestamp_ns','u8')]", []byte("0123456789ab"))
	f.Add("[]", []byte{})
	f.Fuzz(func(t *testing.T, text string, b []byte) {
		layout, err := parseLayout(text)
		if err != nil {
			if !errors.Is(err, ErrLayout) || layout.size != 0 {
				t.Fatalf("%+v, %v", layout, err)
			}
			return
		}
		at := 0
		for _, field := range layout.times {
			if field.at < at || field.at+8 > layout.size {
				t.Fatalf("%+v", layout)
			}
			at = field.at + 8
		}
		var out bytes.Buffer
		n, err := rewriteRecords(none, "f", layout, &out, bytes.NewReader(b), same)
		if whole := len(b)%layout.size == 0; whole != (err == nil) || !whole && !errors.Is(err, ErrCutOff) || n != len(b)/layout.size {
			t.Fatalf("%d records of %d in %d bytes, %v", n, layout.size, len(b), err)
		}
		if err == nil && !bytes.Equal(out.Bytes(), b) {
			t.Fatalf("%q became %q", b, out.Bytes())
		}
	})
}

// FuzzRecords claims: an array of stamps re-timed by any map and back is the array it was, in any cuts of the reads.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("0123456701234567"), int64(5))
	f.Add(binary.LittleEndian.AppendUint64(nil, 1<<63), int64(-1))
	f.Fuzz(func(t *testing.T, b []byte, by int64) {
		move := func(by int64) mapping {
			return func(_, _ int, at align.DeviceTime) (int64, bool, error) { return int64(at) + by, false, nil }
		}
		var there, back bytes.Buffer
		if _, err := rewriteRecords(none, "f", stampsOnly, &there, oneByOne{bytes.NewReader(b)}, move(by)); err != nil {
			if len(b)%8 == 0 {
				t.Fatal(err)
			}
			return
		}
		if _, err := rewriteRecords(none, "f", stampsOnly, &back, &there, move(-by)); err != nil || !bytes.Equal(back.Bytes(), b) {
			t.Fatalf("%q became %q, %v", b, back.Bytes(), err)
		}
	})
}

// oneByOne gives a byte a read.
type oneByOne struct{ r io.Reader }

func (o oneByOne) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1)]) }

// FuzzPackets claims: packets are refused, or come out of the identity as they went in, also with stamps spelled in an
// unusual way; and moved stamps are found again, in packets that are as they were beside.
func FuzzPackets(f *testing.F) {
	f.Add([]byte("\x07\x00\x08\x05\x12\x03abc"), int64(7))
	f.Add([]byte("\x03\x00\x08\x85\x00\x02\x00\x08\x01"), int64(-9))
	f.Add([]byte("\x02\x00\x08"), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, by int64) {
		var out bytes.Buffer
		var before []int64
		n, err := rewritePackets(none, "f", &out, oneByOne{bytes.NewReader(b)}, func(_, _ int, at align.DeviceTime) (int64, bool, error) {
			before = append(before, int64(at))
			return int64(at), false, nil
		})
		if err != nil {
			var se *StampError
			if !errors.As(err, &se) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(out.Bytes(), b) || n != len(before) {
			t.Fatalf("%q became %q", b, out.Bytes())
		}
		var moved bytes.Buffer
		i := 0
		move := func(_, _ int, at align.DeviceTime) (int64, bool, error) { return int64(at) + by, false, nil }
		if _, err := rewritePackets(none, "f", &moved, bytes.NewReader(b), move); err != nil {
			return // longer than a packet may be
		}
		_, err = rewritePackets(none, "f", nil, &moved, func(_, _ int, at align.DeviceTime) (int64, bool, error) {
			if int64(at) != before[i]+by {
				t.Fatalf("packet %d: %d and %d became %d", i+1, before[i], by, at)
			}
			i++
			return 0, false, nil
		})
		if err != nil || i != n {
			t.Fatalf("%d of %d packets again, %v", i, n, err)
		}
	})
}

// FuzzManifest claims: a manifest is refused, or nothing changed changes no byte, and what changed is found again and
// nothing else.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`[{"name":"a","size":1,"crc":"1eebee9"},{"crc":"01234567","x":{"size":7},"size":20,"name":"b"}]`+"\n"), int64(7), uint32(1))
	f.Add([]byte("[]"), int64(0), uint32(0))
	f.Fuzz(func(t *testing.T, b []byte, size int64, crc uint32) {
		all, err := parseManifest(b)
		if err != nil {
			if all != nil {
				t.Fatal("entries with an error")
			}
			return
		}
		same := map[string]content{}
		for _, e := range all {
			same[e.name] = e.content
		}
		if got := renewManifest(b, all, same); !bytes.Equal(got, b) {
			t.Fatalf("%q became %q", b, got)
		}
		if len(all) == 0 || size < 0 {
			return
		}
		name := all[len(all)/2].name
		now, err := parseManifest(renewManifest(b, all, map[string]content{name: {size, crc}}))
		if err != nil || len(now) != len(all) {
			t.Fatalf("%q: %v", b, err)
		}
		for i, e := range now {
			want := all[i].content
			if e.name == name {
				want = content{size, crc}
			}
			if e.name != all[i].name || e.content != want {
				t.Fatalf("%q: %+v, want %+v", b, e, want)
			}
		}
	})
}

// Memory does not grow with the file.
func TestBoundedMemory(t *testing.T) {
	const size = 64 << 20 // of whole packets of 27 bytes, and whole stamps
	packet := "\x19\x00\x08\x8f\x80\x80\x80\x80\x80\x80\x80\x17\x12\x0daaaaaaaaaaaaa"
	for name, read := range map[string]func(io.Reader) (int, error){
		"stamps": func(r io.Reader) (int, error) {
			return rewriteRecords(none, "f", stampsOnly, io.Discard, r, same)
		},
		"packets": func(r io.Reader) (int, error) {
			return rewritePackets(none, "f", io.Discard, r, same)
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := read(io.LimitReader(&endless{b: packet}, size/(8*27)*(8*27)))
		runtime.ReadMemStats(&after)
		if err != nil || n == 0 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		const most = 1 << 20 // four blocks
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, got, size)
		}
	}
}

// endless repeats b.
type endless struct {
	b  string
	at int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.b[e.at]
		e.at = (e.at + 1) % len(e.b)
	}
	return len(p), nil
}

// BenchmarkStamps is what mapping costs beside reading and writing.
func BenchmarkStamps(b *testing.B) {
	m, err := align.NewModel[align.HostTime](align.Parts{Segments: []align.Segment{{From: 0, To: 1 << 62, Offset: 5, DriftE18: 12_000_000_000_000}}})
	if err != nil {
		b.Fatal(err)
	}
	file := bytes.Repeat([]byte("\x00\x00\x00\x00\x00\x00\x00\x10"), 8<<20)
	s := retime.Stream{Retime: m.Retimer(align.AmbiguousRefused)}
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		_, err := rewriteRecords(none, "f", stampsOnly, io.Discard, bytes.NewReader(file), func(_, _ int, at align.DeviceTime) (int64, bool, error) {
			h, _, err := s.Next(at)
			return h, false, err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
