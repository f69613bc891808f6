package main

import (
	"encoding/json"
	"io"

	"github.com/pialign/pialign/cmd/pialign/internal/view"
)

// writeEvent writes something that happens during a measurement as JSON, on one line.
func writeEvent(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// beginEvent comes before the first exchange.
type beginEvent struct {
	Event    string         `json:"event"` // "begin"
	Session  string         `json:"session"`
	Phase    string         `json:"phase"`
	Schedule string         `json:"schedule"`
	Started  nanos          `json:"started_host_ns"`
	Phones   []phoneOfEvent `json:"phones"`
}

type phoneOfEvent struct {
	Device   string `json:"device"` // as the user called it
	DeviceID string `json:"device_id"`
	Name     string `json:"name,omitempty"`
	Address  string `json:"address,omitempty"`
	Log      string `json:"log,omitempty"` // the journal
	Error    string `json:"error,omitempty"`
}

// progressEvent comes once a second at most.
type progressEvent struct {
	Event   string          `json:"event"`   // "progress"
	Percent *int            `json:"percent"` // null: nobody knows the end
	Left    *nanos          `json:"left_ns"`
	Light   string          `json:"light"` // of the phone in the worst state: green, amber or red
	Advice  string          `json:"advice"`
	Phones  []phoneProgress `json:"phones"`
}

type phoneProgress struct {
	Device    string `json:"device"`
	DeviceID  string `json:"device_id"`
	Light     string `json:"light"`
	Advice    string `json:"advice,omitempty"`
	Exchanges int    `json:"exchanges"`
	OK        int    `json:"ok"`
	Lost      int    `json:"lost"`
	Silent    int    `json:"silent"`    // lost since the last answer
	Offset    *nanos `json:"offset_ns"` // host - device on the wall clock at the last answer
	Bound     *nanos `json:"bound_half_width_ns"`
	Fitted    bool   `json:"fitted"` // offset and bound are those of the result; before, they are preliminary
	Drift     *nanos `json:"drift_e18"`
	DriftHalf *nanos `json:"drift_half_width_e18"`
	RTT       *nanos `json:"rtt_ns"` // of the last answer
	RTTMin    *nanos `json:"rtt_min_ns"`
	RTTMedian *nanos `json:"rtt_median_ns"` // of the latest 96 exchanges
	Battery   *int   `json:"battery_percent"`
	Recording *bool  `json:"recording"`
	Finished  bool   `json:"finished"`
	Error     string `json:"error,omitempty"`
}

func newBeginEvent(m *measurement) beginEvent {
	e := beginEvent{Event: "begin", Session: m.o.name(), Phase: m.o.phase, Schedule: m.o.describe(), Started: nanos(m.started)}
	for _, p := range m.phones {
		one := phoneOfEvent{Device: p.spec, DeviceID: p.status.Phone.DeviceID, Name: p.status.Phone.Name}
		if p.phone != nil {
			one.Address = p.phone.Addr()
		}
		if p.log != nil {
			one.Log = p.log.Path()
		}
		if p.err != nil {
			one.Error = oneLine(p.err)
		}
		e.Phones = append(e.Phones, one)
	}
	return e
}

func newProgressEvent(s view.State) progressEvent {
	light, advice := s.Advice()
	e := progressEvent{Event: "progress", Light: light.Colour(), Advice: advice}
	if s.Percent >= 0 {
		e.Percent = &s.Percent
	}
	e.Left = some(s.Left > 0, s.Left)
	for i := range s.Phones {
		p := &s.Phones[i]
		one := phoneProgress{Device: p.Addr, DeviceID: p.ID, Light: s.Light(i).Colour(), Advice: s.AdviceFor(i),
			Exchanges: p.Done, OK: p.OK, Lost: p.Lost, Silent: p.Silent, Finished: p.Finished, Error: p.Failed,
			Offset: some(p.Bounded, p.Offset), Bound: some(p.Bounded, p.Bound), Fitted: p.Judged,
			Drift: some(p.Drifts, p.DriftE18), DriftHalf: some(p.Drifts, p.DriftHalf),
			RTT: some(p.OK > 0, p.Last), RTTMin: some(p.OK > 0, p.Best), RTTMedian: some(p.Median > 0, p.Median)}
		if p.StatusKnown {
			one.Recording = &p.Recording
			if p.Battery >= 0 {
				one.Battery = &p.Battery
			}
		}
		e.Phones = append(e.Phones, one)
	}
	return e
}

func some[T ~int64](known bool, v T) *nanos {
	if !known {
		return nil
	}
	n := nanos(v)
	return &n
}

// resultEvent is the last.
type resultEvent struct {
	Event   string        `json:"event"` // "result"
	Session string        `json:"session"`
	Phase   string        `json:"phase"`
	Phones  []phoneResult `json:"phones"`
}
