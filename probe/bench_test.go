package probe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe/fakephone"
)

// The width of [A, B] is what an exchange is worth. Both ways ask the same fake phone, in the same process, after the same
// pause: what runs hot is quicker, and no phone is asked without a pause.

func BenchmarkEventWidth(b *testing.B) {
	f := fake(b, fakephone.Config{}, "")
	p := connect(b, f.Addr(), Options{})
	var widths []time.Duration
	for seq := range b.N {
		x := p.Event(b.Context(), int64(seq))
		if !x.Good() {
			b.Fatal(x.Err)
		}
		widths = append(widths, x.RoundTrip())
	}
	report(b, widths)
}

func BenchmarkEventWidthOfHTTPTrace(b *testing.B) {
	f := fake(b, fakephone.Config{}, "")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	clock := SystemClock()
	var widths []time.Duration
	for range b.N {
		if err := clock.Wait(b.Context(), peek); err != nil { // which Event does by itself
			b.Fatal(err)
		}
		var before, after align.MonoTime
		ctx := httptrace.WithClientTrace(b.Context(), &httptrace.ClientTrace{
			GotConn:              func(httptrace.GotConnInfo) { _, before = clock.Stamp() },
			GotFirstResponseByte: func() { _, after = clock.Stamp() },
		})
		a, err := traced(ctx, transport, f.Addr())
		if err != nil || a != http.StatusOK {
			b.Fatal(a, err)
		}
		widths = append(widths, after.Sub(before))
	}
	report(b, widths)
}

func traced(ctx context.Context, transport *http.Transport, addr string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/api/event", strings.NewReader(`{"name":"x"}`))
	if err != nil {
		return 0, err
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, res.Body) // so that the connection goes on
	return res.StatusCode, errors.Join(err, res.Body.Close())
}

func report(b *testing.B, widths []time.Duration) {
	slices.Sort(widths)
	b.ReportMetric(float64(widths[len(widths)/2])/1e3, "us-p50")
	b.ReportMetric(float64(widths[len(widths)*99/100])/1e3, "us-p99")
	b.ReportMetric(float64(widths[0])/1e3, "us-min")
}
