package pieces

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func random(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = r.Read(b)
	return b
}

var sizes = []int{0, 1, Size - 1, Size, Size + 1, 2 * Size, 7*Size + 123}

// On one core and on several.
func onCores(t *testing.T, do func(t *testing.T)) {
	for _, n := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(n)
		do(t)
		runtime.GOMAXPROCS(before)
	}
}

func TestCopyIsWhole(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for _, n := range sizes {
			want := random(n)
			for _, r := range []io.Reader{bytes.NewReader(want), iotest.DataErrReader(bytes.NewReader(want)), iotest.HalfReader(bytes.NewReader(want))} {
				var got bytes.Buffer
				if read, err := Copy(context.Background(), &got, "f", r); err != nil || read != int64(n) || !bytes.Equal(got.Bytes(), want) {
					t.Errorf("%d bytes: %d, %v", n, read, err)
				}
			}
		}
	})
}

// What is left over of a piece may be short, fill the room or be longer, and a piece may be changed once it is mine.
func TestLeftOversFollow(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for _, keep := range []int{1, 100, Room - 1, Room, Room + 1, Size - 1} {
			want := random(5*Size + 77)
			in := NewReader(context.Background(), "f", bytes.NewReader(want), 0)
			var got bytes.Buffer
			out := NewWriter(&got)
			var left []byte
			for {
				p, err := in.Next()
				if err != nil {
					t.Fatal(err)
				}
				p.Follow(left)
				done := p.To
				if !p.Last {
					done -= keep
				}
				left = append(left[:0], p.Bytes()[done:p.To]...)
				for i := p.From; i < done; i++ {
					p.Bytes()[i] ^= 0x5a
				}
				last := p.Last
				p.To = done
				if err := out.Write(p); err != nil {
					t.Fatal(err)
				}
				if last {
					break
				}
			}
			in.Close()
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			b := got.Bytes()
			for i := range b {
				b[i] ^= 0x5a
			}
			if !bytes.Equal(b, want) {
				t.Errorf("%d bytes left over each time: not the same", keep)
			}
		}
	})
}

var errBad = errors.New("bad")

func TestErrorsOfReadingComeInOrder(t *testing.T) {
	onCores(t, func(t *testing.T) {
		var got bytes.Buffer
		n, err := Copy(context.Background(), &got, "f.csv", io.MultiReader(bytes.NewReader(random(3*Size)), iotest.ErrReader(errBad)))
		if !errors.Is(err, errBad) || !strings.Contains(err.Error(), "f.csv") || n != 3*Size || got.Len() != 3*Size {
			t.Errorf("%d, %d, %v", n, got.Len(), err)
		}
	})
}

// failing takes n writes.
type failing struct{ n int }

func (f *failing) Write(p []byte) (int, error) {
	if f.n--; f.n < 0 {
		return 0, errBad
	}
	return len(p), nil
}

func TestErrorsOfWritingAreNotLost(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for n := range 10 {
			if _, err := Copy(context.Background(), &failing{n}, "f", bytes.NewReader(random(10*Size-5))); !errors.Is(err, errBad) {
				t.Errorf("after %d writes: %v", n, err)
			}
		}
	})
}

func TestContextEndsIt(t *testing.T) {
	onCores(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		endless := readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
		if _, err := Copy(ctx, io.Discard, "f", endless); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A panic reaches who cleans up.
func TestPanicIsTheCallers(t *testing.T) {
	onCores(t, func(t *testing.T) {
		defer func() {
			if p := recover(); p != "oh" {
				t.Errorf("%v", p)
			}
		}()
		n := 0
		_, _ = Copy(context.Background(), io.Discard, "f", readerFunc(func(p []byte) (int, error) {
			if n++; n > 4 {
				panic("oh")
			}
			return len(p), nil
		}))
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// So does one of the writing, wherever among the pieces it happens, and nothing is written any more.
func TestPanicOfWritingIsTheCallers(t *testing.T) {
	onCores(t, func(t *testing.T) {
		for _, bad := range []int{1, 2, 5, 11} {
			n := 0
			func() {
				defer func() {
					if p := recover(); p != "oh" {
						t.Errorf("piece %d: %v", bad, p)
					}
				}()
				_, err := Copy(context.Background(), writerFunc(func(p []byte) (int, error) {
					if n++; n == bad {
						panic("oh")
					}
					return len(p), nil
				}), "f", bytes.NewReader(random(10*Size+5)))
				t.Errorf("piece %d: no panic, %v", bad, err)
			}()
			if n != bad {
				t.Errorf("piece %d: %d were written", bad, n)
			}
		}
	})
}

// Close waits for the reading to end: who closes the file next must not do so under a reader.
func TestNobodyReadsAfterClose(t *testing.T) {
	for range 50 {
		closed := false // the race detector sees a read after Close
		in := NewReader(context.Background(), "f", readerFunc(func(p []byte) (int, error) {
			if closed {
				t.Error("read after Close")
			}
			return len(p), nil
		}), 0)
		for range 3 {
			p, err := in.Next()
			if err != nil {
				t.Fatal(err)
			}
			p.Free()
		}
		in.Close()
		closed = true
	}
}

func BenchmarkCopy(b *testing.B) {
	in := random(64 << 20)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := Copy(context.Background(), io.Discard, "f", bytes.NewReader(in)); err != nil {
			b.Fatal(err)
		}
	}
}
