package probe

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pialign/pialign/align"
)

// stampServerEnv turns this test binary into a phone that does nothing but stamp: a thread and a socket, in a process of its own.
const stampServerEnv = "PIALIGN_TEST_STAMP_SERVER"

func init() {
	if os.Getenv(stampServerEnv) == "1" {
		stampServer()
		os.Exit(0)
	}
}

// stampServer serves each connection until it ends, with stamps to the ns of this computer's wall clock, and ends with its stdin.
func stampServer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			for r := bufio.NewReader(c); ; {
				first := request(r)
				stamp := readWall()
				a := answering("200 OK", "application/json", okStatus)
				if strings.HasPrefix(first, "POST ") {
					a = timestamped(strconv.FormatInt(stamp, 10))
				}
				if _, err := io.WriteString(c, a); first == "" || err != nil {
					return
				}
			}
		}()
	}
}

// startStampServer starts it and returns its address.
func startStampServer(t testing.TB) string {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), stampServerEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// disturb keeps the garbage collector and a core busy until stop is called.
func disturb() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		var keep [64][]byte
		for i := 0; ctx.Err() == nil; i++ {
			keep[i%len(keep)] = make([]byte, 64<<10)
			if i%1024 == 0 {
				runtime.GC()
			}
		}
		runtime.KeepAlive(keep)
	}()
	return func() { cancel(); <-done }
}

// way is one way to ask, and what came of it.
type way struct {
	name    string
	ask     func() (a, b align.HostTime, e align.DeviceTime, err error)
	rtt     []time.Duration
	skew    []time.Duration // (up - down) / 2: how far the middle of [A, B] is from the stamp
	outside int
}

func (w *way) once(t testing.TB) {
	// What runs hot is quicker, and no phone is asked without a pause.
	if err := SystemClock().Wait(t.Context(), peek); err != nil {
		t.Fatal(err)
	}
	a, b, e, err := w.ask()
	if err != nil {
		t.Fatalf("%s: %v", w.name, err)
	}
	w.rtt = append(w.rtt, b.Sub(a))
	w.skew = append(w.skew, ((align.HostTime(e).Sub(a) - b.Sub(align.HostTime(e))) / 2).Abs())
	if align.HostTime(e) < a || align.HostTime(e) > b {
		w.outside++
	}
}

func quantile(d []time.Duration, share float64) float64 {
	return float64(slices.Sorted(slices.Values(d))[int(share*float64(len(d)-1))]) / 1e3
}

// BenchmarkWays asks a server in another process in three ways, in turns of random order, so that what the machine does meanwhile does to all the same: this package's, net/http with
// httptrace, and a raw descriptor on a thread of its own.
func BenchmarkWays(b *testing.B) {
	for _, busy := range []bool{false, true} {
		b.Run(map[bool]string{false: "quiet", true: "busy"}[busy], func(b *testing.B) {
			addr := startStampServer(b)
			if busy {
				defer disturb()()
			}
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ways := []*way{ours(b, addr), tracing(b, addr), raw(b, addr)}
			order := rand.New(rand.NewPCG(1, 2)) // no way always follows the same other one, whose goroutines may still be at work
			for range b.N {
				for _, i := range order.Perm(len(ways)) {
					ways[i].once(b)
				}
			}
			for _, w := range ways {
				b.ReportMetric(quantile(w.rtt, 0.5), w.name+"-us-p50")
				b.ReportMetric(quantile(w.skew, 0.99), w.name+"-skew-us-p99")
				b.ReportMetric(float64(w.outside), w.name+"-outside")
			}
			b.ReportMetric(quantile(ways[0].rtt, 0.5)/quantile(ways[1].rtt, 0.5), "of-httptrace")
			b.ReportMetric(quantile(ways[0].rtt, 0.5)/quantile(ways[2].rtt, 0.5), "of-raw")
			b.ReportMetric(quantile(ways[0].skew, 0.99)/quantile(ways[1].skew, 0.99), "skew-p99-of-httptrace")
			b.ReportMetric(quantile(ways[0].skew, 0.99)/quantile(ways[2].skew, 0.99), "skew-p99-of-raw")
			b.ReportMetric(0, "ns/op") // says nothing here
		})
	}
}

func ours(t testing.TB, addr string) *way {
	p := connect(t, addr, Options{})
	seq := int64(0)
	return &way{name: "pialign", ask: func() (a, b align.HostTime, e align.DeviceTime, err error) {
		x := p.Event(t.Context(), seq)
		seq++
		return x.A, x.B, x.E, x.Err
	}}
}

func tracing(t testing.TB, addr string) *way {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	clock := SystemClock()
	return &way{name: "httptrace", ask: func() (a, b align.HostTime, e align.DeviceTime, err error) {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn:              func(httptrace.GotConnInfo) { a, _ = clock.Stamp() },
			GotFirstResponseByte: func() { b, _ = clock.Stamp() },
		})
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/api/event", strings.NewReader(`{"name":"x"}`))
		if err != nil {
			return 0, 0, 0, err
		}
		res, err := transport.RoundTrip(req)
		if err != nil {
			return 0, 0, 0, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		e, problem := stampIn(body)
		if problem != "" {
			err = fmt.Errorf("%s", problem)
		}
		return a, b, e, err
	}}
}

func raw(t testing.TB, addr string) *way {
	to := netip.MustParseAddrPort(addr)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		t.Cleanup(func() { unix.Close(fd) })
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	// The same bytes as ours: each line of the header is work for the server before it stamps.
	question := (&Phone{web: &wire{addr: addr}}).post("/api/event", fmt.Appendf(nil, `{"name":"%s"}`, EventName("s1", "start", 1000)))
	answer := make([]byte, 4096)
	clock := SystemClock()
	return &way{name: "raw", ask: func() (a, b align.HostTime, e align.DeviceTime, err error) {
		a, _ = clock.Stamp()
		n, err := unix.Write(fd, question)
		if err == nil && n == len(question) {
			n, err = unix.Read(fd, answer)
		}
		b, _ = clock.Stamp()
		if err != nil {
			return 0, 0, 0, err
		}
		_, body, _ := strings.Cut(string(answer[:n]), "\r\n\r\n")
		e, problem := stampIn([]byte(body))
		if problem != "" {
			err = fmt.Errorf("%s in %q", problem, answer[:n])
		}
		return a, b, e, err
	}}
}

// stampIn returns the stamp in the body of an answer.
func stampIn(body []byte) (align.DeviceTime, string) {
	_, rest, _ := strings.Cut(string(body), `"timestamp":`)
	digits, _, _ := strings.Cut(rest, "}")
	return parseStamp([]byte(digits))
}

// TestNoStampOutside: with stamps to the ns from the same clock, a garbage collector at work and a core that is busy, each lies in its [A, B]. PIALIGN_EXCHANGES=1000000
// is the long form, in .ci/long.
func TestNoStampOutside(t *testing.T) {
	n := 1000
	if s := os.Getenv("PIALIGN_EXCHANGES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	w := ours(t, startStampServer(t))
	defer disturb()()
	for range n {
		w.once(t)
	}
	t.Logf("%d exchanges, %d outside; round trip median %.0f us", n, w.outside, quantile(w.rtt, 0.5))
	if w.outside > 0 {
		t.Errorf("%d stamps of %d lie outside", w.outside, n)
	}
}
