package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/probe"
)

func devicesCommand(s stdio, net finder) *cli.Command {
	return &cli.Command{
		Name:  "devices",
		Usage: "find the phones in this network",
		Description: "Listens for phones by mDNS and asks each how it is. A phone that is not found can still be probed by its address:\n" +
			"it stands in the Companion app under \"Streaming\". Ends with 5 if no phone answers, with 4 if some do not.\n\n" +
			"Examples:\n" +
			"pialign devices --timeout 5s\n" +
			"pialign devices --scan",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "timeout", Value: discoveryTime, Usage: "listen for `DUR`"},
			&cli.BoolFlag{Name: "scan", Usage: "also ask each address of this computer's private networks, 254 of each at the most, for its status on port 8080; for networks that block mDNS"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if c.Duration("timeout") <= 0 {
				return usageError("--timeout %v: want more than 0", c.Duration("timeout"))
			}
			return devices(c.Context, s, net, c.Duration("timeout"), c.Bool("scan"), c.Bool("json"))
		},
	}
}

// deviceReport is what devices tells of one phone.
type deviceReport struct {
	ID        string   `json:"device_id"`
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
	App       string   `json:"app,omitempty"`
	Battery   *int     `json:"battery_percent"` // null: unknown
	Recording string   `json:"recording,omitempty"`
	Error     string   `json:"error,omitempty"`
}

func devices(ctx context.Context, s stdio, net finder, timeout time.Duration, scan, asJSON bool) error {
	found, err := net.discover(ctx, timeout)
	if scan && ctx.Err() == nil {
		found, err = addScanned(ctx, s, net, found, err)
	}
	if err != nil {
		return withCode(noPhoneOr(err), err)
	}
	reports := make([]deviceReport, len(found))
	var wg sync.WaitGroup
	for i, f := range found {
		wg.Go(func() { reports[i] = askDevice(ctx, f) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	if asJSON {
		if err := printJSON(s.out, map[string]any{"devices": reports}); err != nil {
			return err
		}
	} else if len(found) > 0 {
		printDevices(s.out, reports)
	}
	silent := 0
	for _, r := range reports {
		if r.Error != "" {
			silent++
			fmt.Fprintf(s.err, "pialign: warning: %s does not answer: %s\n", r.Name, r.Error)
		}
	}
	switch {
	case len(found) == 0:
		return withHint(withCode(exitNoPhone, fmt.Errorf("no phone found within %v", timeout)), "%s", nobodyFound(scan))
	case silent == len(found):
		return withHint(withCode(exitNoPhone, errors.New("phones were found, but none answers")),
			"a firewall or the network may keep devices apart: try a hotspot of this computer")
	case silent > 0:
		return withCode(exitPartial, fmt.Errorf("%d of %d phones do not answer", silent, len(found)))
	}
	return nil
}

// addScanned adds to what was found by mDNS, or to why nothing was, what a scan finds.
func addScanned(ctx context.Context, s stdio, net finder, found []probe.Found, err error) ([]probe.Found, error) {
	scanned, nets, bad := net.scan(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	fmt.Fprintf(s.err, "pialign: asked each address of %s\n", or(joined(nets), "no network: this computer is in none that is private"))
	if bad != nil {
		fmt.Fprintf(s.err, "pialign: warning: %v\n", oneLine(bad))
	}
	for _, f := range scanned {
		known := slices.ContainsFunc(found, func(k probe.Found) bool {
			return k.ID == f.ID && f.ID != "" || slices.ContainsFunc(f.Addrs, func(a string) bool { return slices.Contains(k.Addrs, a) })
		})
		if !known {
			found = append(found, f)
		}
	}
	if err != nil && len(found) > 0 {
		fmt.Fprintf(s.err, "pialign: warning: %v\n", oneLine(err))
		err = nil
	}
	return found, err
}

func joined[T fmt.Stringer](list []T) string {
	var out []string
	for _, v := range list {
		out = append(out, v.String())
	}
	return strings.Join(out, ", ")
}

// typeTheAddress is what helps wherever discovery does not.
const typeTheAddress = "multicast may be blocked in this network: use the address that the Companion app shows under \"Streaming\", --device HOST:PORT"

// nobodyFound says what to try where devices finds none, after a scan or without.
func nobodyFound(scanned bool) string {
	text := "multicast may be blocked in this network: use the address that the Companion app shows under \"Streaming\", pialign probe --session DIR --device HOST:PORT"
	if !scanned {
		text += ", or ask each address of the network, pialign devices --scan"
	}
	return text
}

// noPhoneOr returns the exit code for a search that ended with err.
func noPhoneOr(err error) int {
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	return exitNoPhone
}

// askDevice reads the status of a phone at the first of its addresses that answers.
func askDevice(ctx context.Context, f probe.Found) deviceReport {
	r := deviceReport{ID: f.ID, Name: f.Name, Addresses: f.Addrs}
	ctx, cancel := context.WithTimeout(ctx, statusTime)
	defer cancel()
	var errs []string
	for _, addr := range f.Addrs {
		st, err := probe.ReadStatus(ctx, addr)
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		if st.Phone.DeviceID != "" && f.ID != "" && st.Phone.DeviceID != f.ID {
			errs = append(errs, fmt.Sprintf("%s: another phone answers there, %s", addr, st.Phone.DeviceID))
			continue
		}
		r.Addresses = []string{addr}
		r.App, r.Recording = appOf(st), recordingOf(st)
		if r.Name == "" {
			r.Name = st.Phone.Name
		}
		if st.Phone.Battery >= 0 {
			r.Battery = &st.Phone.Battery
		}
		return r
	}
	r.Error = strings.Join(errs, "; ")
	if r.Error == "" {
		r.Error = "it announces no address"
	}
	return r
}

// statusTime is how long a phone may take to say how it is. Vendor's programs wait 0.5 to 5 s for an answer.
const statusTime = 5 * time.Second

// appOf names the app by the glasses it is for, as far as the status says.
func appOf(st probe.Status) string {
	if st.Hardware == nil {
		return ""
	}
	switch st.Hardware.Version {
	case "1.0":
		return "Invisible"
	case "2.0":
		return "Neon"
	}
	return ""
}

func recordingOf(st probe.Status) string {
	switch r := st.Recording; {
	case r == nil:
		return ""
	case r.Running():
		return "running for " + span(r.Duration)
	default:
		return strings.ToLower(strings.TrimSpace(r.Action + " " + r.Message))
	}
}

func printDevices(w io.Writer, reports []deviceReport) {
	t := tabwriter.NewWriter(legible{w}, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tID\tADDRESS\tAPP\tBATTERY\tRECORDING")
	for _, r := range reports {
		battery := "?"
		if r.Battery != nil {
			battery = fmt.Sprintf("%d %%", *r.Battery)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, r.ID, strings.Join(r.Addresses, " "), or(r.App, "?"), battery, or(r.Recording, "no"))
	}
	t.Flush()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
