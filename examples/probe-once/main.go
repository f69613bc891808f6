// Command probe-once measures a phone's clock against this computer's and prints how far apart they are.
//
//	go run ./examples/probe-once 192.168.1.21:8080
//
// It keeps nothing. A study should: that is what `pialign probe` is for.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: probe-once HOST:PORT")
		os.Exit(2)
	}
	if err := probeOnce(context.Background(), os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "probe-once:", err)
		os.Exit(1)
	}
}

func probeOnce(ctx context.Context, out io.Writer, addr string) error {
	phone, err := probe.Open(ctx, addr, probe.Options{Session: "example", Phase: "once"})
	if err != nil {
		return err
	}
	defer phone.Close()

	// Run hands over every exchange, the lost ones too. Only answered ones are samples.
	var samples []align.Sample
	err = probe.Run(ctx, phone, probe.Schedule{Count: 20}, func(x probe.Exchange) error {
		if x.Good() {
			samples = append(samples, x.Sample)
		}
		return nil
	})
	if err != nil {
		return err
	}

	a, err := align.Fit(samples, align.Options{})
	if err != nil {
		return err
	}
	now := samples[len(samples)-1].E
	e, err := a.Wall.Estimate(now)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "phone %s: host - device = %v", phone.Status().Phone.DeviceID, time.Duration(int64(e.Host)-int64(now)))
	if e.Bounded {
		fmt.Fprintf(out, ", between %v and %v off", e.Bound.Lo, e.Bound.Hi)
	}
	fmt.Fprintln(out)
	return nil
}
