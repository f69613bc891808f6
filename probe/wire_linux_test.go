package probe

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe/fakephone"
)

// allWays runs f where phones get descriptors, and where the runtime's poller waits for all of them.
func allWays(t *testing.T, f func(t *testing.T)) {
	for _, c := range []struct {
		name       string
		processors int
	}{{"descriptor", 8}, {"polled", 1}} {
		t.Run(c.name, func(t *testing.T) {
			old := runtime.GOMAXPROCS(c.processors)
			defer runtime.GOMAXPROCS(old)
			f(t)
		})
	}
}

func isDescriptor(w *wire) bool { _, ok := w.conn.(*descriptor); return ok }

// TestRoomForDescriptors: there are fewer descriptors than processors, however many phones there are, all phones are asked, and MakeRoom makes room.
func TestRoomForDescriptors(t *testing.T) {
	old := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(old)
	used := func() (n int) {
		for range 3 {
			f := fake(t, fakephone.Config{}, "")
			p := connect(t, f.Addr(), Options{})
			defer p.Close()
			mustHoldTruth(t, f, collect(t, p, Schedule{Protocol: Both, Count: 6, Spacing: quick}))
			for _, w := range []*wire{p.web, p.echo} {
				if isDescriptor(w) {
					n++
				}
			}
		}
		return n
	}
	if n := used(); n != 1 {
		t.Errorf("two processors, and %d descriptors", n)
	}
	MakeRoom(3)
	if n := used(); n != 6 {
		t.Errorf("room for three phones, and %d descriptors, want 6", n)
	}
}

// TestFilesAreGivenBack: phones that come and go, also those that are no phones or time out, leave no file open and take no room.
func TestFilesAreGivenBack(t *testing.T) {
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	allWays(t, func(t *testing.T) {
		addr := startStampServer(t) // its side of the connections is in another process
		var quiet atomic.Int64
		deaf := serve(t, "127.0.0.1:0", func(c net.Conn) { quiet.Add(1); _, _ = io.Copy(io.Discard, c); quiet.Add(-1) })
		before, beforeRoom := open(), descriptors.Load()
		for i := range 1000 {
			p, err := Open(t.Context(), addr, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if x := p.Event(t.Context(), int64(i)); !x.Good() {
				t.Fatal(x.Err)
			}
			p.Close()
			if i%20 == 0 {
				if _, err := Open(t.Context(), deaf, Options{Timeout: time.Millisecond}); !errors.Is(err, ErrNoPhone) {
					t.Fatal(err)
				}
			}
		}
		for quiet.Load() > 0 { // this process has their other ends too
			_ = SystemClock().Wait(t.Context(), time.Millisecond)
		}
		// A handful, not hundreds, for what the runtime and the ends of the deaf phone's connections hold for the moment.
		if after := open(); after > before+5 || descriptors.Load() != beforeRoom {
			t.Errorf("%d files before, %d after; room taken %d and %d", before, after, beforeRoom, descriptors.Load())
		}
	})
}

// TestDeadlineOfAnExchangeOnly: the time-out of an answered question does not end a connection that stays silent for longer.
func TestDeadlineOfAnExchangeOnly(t *testing.T) {
	allWays(t, func(t *testing.T) {
		const timeout = 300 * time.Millisecond
		p := connect(t, fake(t, fakephone.Config{}, "").Addr(), Options{Timeout: timeout})
		for seq := range int64(3) {
			if x := p.Event(t.Context(), seq); !x.Good() || x.Fresh {
				t.Errorf("%+v, want a good one over the connection that there was", x)
			}
			if err := SystemClock().Wait(t.Context(), 2*timeout); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestDeadlineWakes: a deadline that is set from elsewhere ends a Read and a Write that wait, as a time-out.
func TestDeadlineWakes(t *testing.T) {
	allWays(t, func(t *testing.T) {
		hold := make(chan struct{})
		addr := serve(t, "127.0.0.1:0", func(net.Conn) { <-hold })
		defer close(hold)
		for name, do := range map[string]func(s stream) error{
			"read": func(s stream) error { _, err := s.Read(make([]byte, 1)); return err },
			"write": func(s stream) (err error) {
				for err == nil { // until the buffers on the way are full
					_, err = s.Write(make([]byte, 1<<20))
				}
				return err
			},
		} {
			w := &wire{addr: addr}
			if _, err := w.open(t.Context(), time.Second); err != nil {
				t.Fatal(err)
			}
			if !w.conn.quiet(time.Now()) {
				t.Error("nothing came, and it is not quiet")
			}
			if err := w.conn.SetDeadline(deadline(time.Hour)); err != nil {
				t.Fatal(err)
			}
			moved := make(chan error, 1)
			time.AfterFunc(20*time.Millisecond, func() { moved <- w.conn.SetDeadline(deadline(20 * time.Millisecond)) })
			err := do(w.conn)
			var n net.Error
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &n) || !n.Timeout() || outcomeOf(err) != Timeout {
				t.Errorf("%s ended with %v, want a time-out", name, err)
			}
			if err := <-moved; err != nil {
				t.Error(err)
			}
			w.drop()
		}
	})
}

// TestAnswerThatComesAgain: the same answer once more, some tenths of a ms after the first. It is the answer to no question that leaves a ms after the first.
func TestAnswerThatComesAgain(t *testing.T) {
	old := runtime.GOMAXPROCS(8) // room for a descriptor
	defer runtime.GOMAXPROCS(old)
	const stale = "1744271292116000000"
	came := make(chan align.MonoTime, 1)
	addr := scripted(t, func(n int, c net.Conn) string {
		if n%2 == 1 {
			return timestamped(fmt.Sprint(1744271293000000000 + n))
		}
		_, _ = io.WriteString(c, timestamped(stale))
		_, at := SystemClock().Stamp()
		for until := at.Add(300 * time.Microsecond); at < until; { // timers may be a ms late
			_, at = SystemClock().Stamp()
		}
		_, _ = io.WriteString(c, timestamped(stale))
		_, at = SystemClock().Stamp()
		came <- at
		return "" // the connection ends
	})
	p := connect(t, addr, Options{Timeout: 10 * time.Second})
	inTime := 0
	for i := range int64(60) {
		first := p.Event(t.Context(), 2*i)
		if !first.Good() {
			t.Fatal(first.Err)
		}
		x := p.Event(t.Context(), 2*i+1)
		// On a busy machine it may come later, even after the question, and then nothing tells it from the answer.
		if at := <-came; at.Sub(first.MonoB) < peek {
			inTime++
			if fmt.Sprint(int64(x.E)) == stale {
				t.Errorf("question %d took for its own what had come %v after the answer before", x.Seq, at.Sub(first.MonoB))
			}
		}
		for !x.Good() || fmt.Sprint(int64(x.E)) == stale { // until the phone has answered this one too
			x = p.Event(t.Context(), 2*i+1)
		}
	}
	t.Logf("%d of 60 came within %v", inTime, peek)
	if inTime == 0 {
		t.Skip("the machine is too busy to tell")
	}
}
