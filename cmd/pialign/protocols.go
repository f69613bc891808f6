package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
)

// protocolResult is what the exchanges of one protocol say by themselves. Whether the phone answers both from one clock is not documented, so
// they are told apart and not averaged.
type protocolResult struct {
	Protocol  string `json:"protocol"`
	OK        int    `json:"ok"`
	RTTMedian nanos  `json:"rtt_median_ns"`
	Offset    *nanos `json:"offset_ns"` // host - device at its last exchange; null: not known
	Bound     *nanos `json:"bound_half_width_ns"`
}

// disagreement is host - device by events less host - device by Time Echo.
type disagreement struct {
	By       nanos `json:"event_minus_echo_ns"`
	Bound    nanos `json:"bound_half_width_ns"` // what both leave open
	TwoClock bool  `json:"two_clocks"`          // it is not 0: they are answered from different clocks
}

// byProtocol judges each protocol alone, and what they disagree on where both are bounded.
func byProtocol(samples []align.Sample, opt align.Options) ([]protocolResult, *disagreement) {
	var out []protocolResult
	for _, protocol := range []probe.Protocol{probe.Event, probe.Echo} {
		var own []align.Sample
		for _, s := range samples {
			if s.Protocol == string(protocol) {
				own = append(own, s)
			}
		}
		if len(own) == 0 {
			continue
		}
		_, mid := roundTrips(own)
		r := protocolResult{Protocol: string(protocol), OK: len(own), RTTMedian: mid}
		if f, err := estimateNow(own, opt); err == nil && f.estimate.Bounded {
			r.Offset, r.Bound = ref(nanos(f.offset())), ref(nanos(f.estimate.Bound.HalfWidth()))
		}
		out = append(out, r)
	}
	if len(out) < 2 || out[0].Bound == nil || out[1].Bound == nil {
		return out, nil
	}
	d := &disagreement{By: *out[0].Offset - *out[1].Offset, Bound: *out[0].Bound + *out[1].Bound}
	d.TwoClock = time.Duration(d.By).Abs() > time.Duration(d.Bound)
	return out, d
}

// text is what people are told: both offsets, and what they disagree on.
func (d *disagreement) text(by []protocolResult) string {
	var parts []string
	for _, r := range by {
		if r.Offset != nil && r.Bound != nil {
			parts = append(parts, fmt.Sprintf("%s %s +- %s", r.Protocol, ms(time.Duration(*r.Offset)), ms(time.Duration(*r.Bound))))
		}
	}
	out := strings.Join(parts, ", ")
	if d == nil {
		return out
	}
	verdict := "as of one clock"
	if d.TwoClock {
		verdict = "answered from two clocks"
	}
	return fmt.Sprintf("%s, apart by %s +- %s: %s", out, ms(time.Duration(d.By)), ms(time.Duration(d.Bound)), verdict)
}
