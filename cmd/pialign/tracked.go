package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/view"
	"github.com/pialign/pialign/probe"
)

// tracked is what progress knows of one phone: running figures, which cost next to nothing. A fit takes a tenth of a
// second of a processor that has to measure.
type tracked struct {
	v       view.Phone // all but the figures that phone works out
	here    bool       // it is being measured
	done    int
	events  bool // of what is in turns, events count: Time Echo may be of another clock
	running runningBound
	drift   runningDrift
	recent  [96]time.Duration // a ring of the latest round trips; negative: lost
	at      int
	filled  bool
	final   *finalOffset // nil: not fitted yet
	resets  int          // how many times an exchange contradicted those before
	whole   bool         // measured to the end
}

// finalOffset is what the fit says of host - device at the last exchange.
type finalOffset struct {
	offset, bound time.Duration // bound is a half-width
	bounded       bool
	unusable      bool // the fit refuses
}

// newTracked begins with what earlier phases of the session, on the same clock of this computer, say of the phone.
func newTracked(p *measured, by probe.Protocol, earlier []align.Sample) tracked {
	t := tracked{here: p.err == nil, events: by == probe.Both, v: view.Phone{ID: p.status.Phone.DeviceID, Name: p.status.Phone.Name, Addr: p.spec, Battery: -1}}
	if p.phone != nil {
		t.status(p.phone.Status())
	}
	for _, s := range earlier {
		t.follow(s)
	}
	t.v.Set, t.resets = false, 0
	if p.err != nil {
		t.finish(p.err)
	}
	return t
}

// distinguish adds the end of their id to phones of one name: labs have many that are called as they came.
func distinguish(phones []tracked) {
	const tail = 4
	for i := range phones {
		v := &phones[i].v
		twin := slices.ContainsFunc(phones, func(t tracked) bool { return t.v.Name == v.Name && t.v.ID != v.ID })
		if twin && v.Name != "" && len(v.ID) >= tail {
			v.Tail = v.ID[len(v.ID)-tail:]
		}
	}
}

func (t *tracked) take(e probe.Exchange) {
	t.done++
	rtt := time.Duration(-1)
	if e.Good() {
		rtt = max(e.RoundTrip(), 0)
		t.v.OK++
		t.v.Silent = 0
		t.v.Last = rtt
		if t.v.Best == 0 || rtt < t.v.Best {
			t.v.Best = rtt
		}
		t.v.Recording = t.v.Recording || e.RecordingID != "" // sooner than any status; none may mean not known
		t.follow(e.Sample)
	} else {
		t.v.Lost++
		t.v.Silent++
	}
	t.recent[t.at] = rtt
	t.at = (t.at + 1) % len(t.recent)
	t.filled = t.filled || t.at == 0
}

// follow takes what s says about the clocks.
func (t *tracked) follow(s align.Sample) {
	if t.events && s.Protocol != string(probe.Event) {
		return
	}
	if !t.running.add(s) {
		t.v.Set = true
		t.resets++
		t.drift = runningDrift{}
	}
	t.drift.add(s)
}

func (t *tracked) status(s probe.Status) {
	t.v.StatusKnown = true
	t.v.Battery = s.Phone.Battery
	t.v.BatteryLow = low(s.Phone.BatteryState)
	t.v.StorageLow = low(s.Phone.MemoryState)
	t.v.Glasses = s.Hardware != nil && *s.Hardware != (probe.HardwareStatus{})
	t.v.Recording = s.Recording.Running()
}

func low(state string) bool { return state == "LOW" || state == "CRITICAL" }

func (t *tracked) finish(err error) {
	t.v.Finished, t.whole = true, err == nil
	if err != nil && !errors.Is(err, context.Canceled) {
		t.v.Failed = oneLine(err)
	}
}

// phone returns a copy to be shown. Of a burst's count exchanges are made; 0: nobody knows.
func (t *tracked) phone(count int) view.Phone {
	v := t.v
	v.Done, v.Count = t.done, count
	if t.filled {
		v.Recent = append(v.Recent, t.recent[t.at:]...)
	}
	v.Recent = append(v.Recent, t.recent[:t.at]...)
	good := slices.DeleteFunc(slices.Clone(v.Recent), func(d time.Duration) bool { return d < 0 })
	if slices.Sort(good); len(good) > 0 {
		v.Median = good[len(good)/2]
	}
	if v.Bound, v.Bounded = t.running.halfWidth(); v.Bounded {
		v.Offset = t.running.offset.Mid()
	}
	v.DriftE18, v.DriftHalf, v.Drifts = t.drift.drift()
	v.Unusable = t.resets >= manyResets
	if f := t.final; f != nil {
		v.Offset, v.Bound, v.Bounded, v.Judged, v.Unusable = f.offset, f.bound, f.bounded, true, f.unusable
	}
	if v.Unusable { // whatever some of the exchanges say
		v.Bounded, v.Drifts = false, false
	}
	return v
}

// manyResets is how many times exchanges may contradict those before until it is no clock that was set. One that is set may be set back.
const manyResets = 3

// judged takes what the fit says at the end.
func (t *tracked) judged(p *measured) {
	t.final = &finalOffset{unusable: p.unfit != nil}
	if p.unfit == nil {
		if t.final.offset, t.final.bounded = p.offset(), p.estimate.Bounded; t.final.bounded {
			t.final.bound = p.estimate.Bound.HalfWidth()
		}
	}
}
