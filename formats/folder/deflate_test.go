package folder

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
)

func deflated(t testing.TB, b []byte, write int) []byte {
	t.Helper()
	var out bytes.Buffer
	d := newDeflater(&out)
	defer d.giveUp()
	for len(b) > 0 {
		n, err := d.Write(b[:min(write, len(b))])
		if err != nil {
			t.Fatal(err)
		}
		b = b[n:]
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// However it is cut, and on however many processors, it is one stream with the same bytes, which compress/flate reads.
func TestDeflate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	digits := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789,\n"[r.IntN(12)]
		}
		return b
	}
	noise := make([]byte, piece+1)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for _, b := range [][]byte{nil, {7}, digits(piece - 1), digits(piece), digits(piece + 1), digits(5*piece + 3), make([]byte, 3*piece), noise} {
		old := runtime.GOMAXPROCS(1)
		want := deflated(t, b, 4096)
		runtime.GOMAXPROCS(8)
		got := deflated(t, b, 3*piece)
		runtime.GOMAXPROCS(old)
		if !bytes.Equal(got, want) {
			t.Errorf("%d bytes are packed in two ways", len(b))
		}
		back, err := io.ReadAll(flate.NewReader(bytes.NewReader(got)))
		if err != nil || !bytes.Equal(back, b) {
			t.Errorf("%d bytes come back as %d, %v", len(b), len(back), err)
		}
	}
}

// More streams than there are packers: none waits for ever, and none is kept.
func TestDeflateManyAtATime(t *testing.T) {
	b := make([]byte, 4*piece)
	want := deflated(t, b, len(b))
	var wg sync.WaitGroup
	for i := range 4 * cap(slots) {
		wg.Go(func() {
			if i%4 == 0 {
				d := newDeflater(full{})
				if _, err := d.Write(b); err == nil {
					err = d.Close()
					if !errors.Is(err, io.ErrShortWrite) {
						t.Errorf("got %v", err)
					}
				}
				d.giveUp()
				return
			}
			var out bytes.Buffer
			d := newDeflater(&out)
			for at := 0; at < len(b); at += piece / 3 {
				if _, err := d.Write(b[at:min(at+piece/3, len(b))]); err != nil {
					t.Error(err)
				}
			}
			if err := d.Close(); err != nil || !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%v, or other bytes", err)
			}
		})
	}
	wg.Wait()
	if len(slots) != 0 {
		t.Errorf("%d packers are busy", len(slots))
	}
}

// full is a disk that is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
