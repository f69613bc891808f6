package batch

import (
	"fmt"
	"strings"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
	"github.com/pialign/pialign/formats/retime"
)

// farOut is how far from the exchanges a recording may lie and still be taken for one of the session. Source: the method's table
// of refusals warns beyond.
const farOut = 10 * time.Minute

// choice is the session of one recording, or why there is none.
type choice struct {
	state   State
	source  int // index, -1 for none
	why     string
	problem string
	settle  string
	note    string

	mentions []string // the paths that problem ends with
}

// candidate is one source and one phone in it.
type candidate struct {
	source int
	measured
	by string
}

// index finds what a recording may be of without going through all sources.
type index struct {
	sources []source
	same    map[string]*timeline    // answers of samePhone
	by      map[string][]*candidate // "recording ID", "device ID" in lower case, "glasses SERIAL"
	all     *timeline
}

func newIndex(sources []source) *index {
	x := &index{sources: sources, by: map[string][]*candidate{}, same: map[string]*timeline{}}
	var all []*candidate
	for i, s := range sources {
		if s.err != nil {
			continue
		}
		for _, m := range s.devices {
			c := &candidate{source: i, measured: m}
			all = append(all, c)
			for _, id := range m.recordingIDs {
				x.by["recording "+id] = append(x.by["recording "+id], c)
			}
			if m.deviceID != "" {
				key := "device " + strings.ToLower(m.deviceID)
				x.by[key] = append(x.by[key], c)
			}
			for _, s := range m.serials {
				x.by["glasses "+s] = append(x.by["glasses "+s], c)
			}
		}
	}
	x.all = newTimeline(all)
	return x
}

// pair chooses the session of a recording: the one in which the phone named it, else the only one of its phone at its time.
func (x *index) pair(p retime.Part) choice {
	if named := x.by["recording "+p.RecordingID]; p.RecordingID != "" && len(named) > 0 {
		return x.byName(p, named)
	}
	same := x.samePhone(p)
	timed := p.First != 0
	switch {
	case len(same.all) > 0 && timed:
		return x.byTime(p, same)
	case len(same.all) > 0:
		return x.doubt(same.all, fmt.Sprintf("it is of the phone (%s), but nothing says when it was", same.all[0].by), settlePair)
	case p.DeviceID != "":
		return choice{state: Unpaired, source: -1, problem: fmt.Sprintf("no session has its phone, device id %s", p.DeviceID),
			settle: "give the folder with its session by --sessions, or probe logs or an alignment of that phone"}
	case !timed:
		return choice{state: Unpaired, source: -1, problem: "nothing says which phone recorded it, nor when", settle: settleInfo}
	}
	at := x.all.around(p.First, p.Last, 0)
	if len(at) == 0 {
		return choice{state: Unpaired, source: -1, problem: "nothing says which phone recorded it, and no session was measured at its time", settle: settleInfo}
	}
	return x.doubt(at, "nothing says which phone recorded it; measured at its time", settleInfo)
}

const (
	settlePair = "name its session in a table of input,session and give that by --pairs, or write it into the plan"
	settleInfo = "put the recording's info.json beside it, which names the phone; or name its session by --pairs"
)

// byName decides among the sessions in which the phone named the recording.
func (x *index) byName(p retime.Part, named []*candidate) choice {
	for _, c := range named {
		if p.DeviceID != "" && c.deviceID != "" && !strings.EqualFold(p.DeviceID, c.deviceID) {
			return x.doubt([]*candidate{c}, fmt.Sprintf("phone %s named it while it was probed, but its info.json says %s", c.deviceID, p.DeviceID),
				"find out which of the two is right; the recording's folder may hold the info.json of another one")
		}
	}
	of := x.distinct(named)
	if len(of) > 1 && p.First != 0 {
		if at := newTimeline(of).around(p.First, p.Last, 0); len(at) > 0 {
			of = x.distinct(at)
		}
	}
	if len(of) > 1 {
		return x.doubt(of, "the phone named it in several sessions", "if they are one, put their logs into one folder; else "+settlePair)
	}
	c := choice{state: Paired, source: of[0].source, why: "the phone named it while it was probed"}
	if gap := of[0].gap(p.First, p.Last); p.First != 0 && gap > farOut {
		c.note = fmt.Sprintf("%s: %s from the exchanges, where the clocks were not watched", p.Name, human.Span(gap))
	}
	return c
}

// byTime decides among the sessions of the recording's phone.
func (x *index) byTime(p retime.Part, same *timeline) choice {
	for _, within := range []time.Duration{0, farOut} {
		at := x.distinct(same.around(p.First, p.Last, within))
		switch {
		case len(at) > 1:
			return x.doubt(at, "several sessions of its phone were measured at its time", settlePair)
		case len(at) == 1:
			c := choice{state: Paired, source: at[0].source, why: at[0].by + ", and measured at that time"}
			if within > 0 {
				gap := at[0].gap(p.First, p.Last)
				c.why = fmt.Sprintf("%s, and measured %s away from it", at[0].by, human.Span(gap))
			}
			return c
		}
	}
	nearest := same.nearest(p.First, p.Last)
	gap := nearest.gap(p.First, p.Last)
	if gap > reach {
		return choice{state: Unpaired, source: -1, problem: fmt.Sprintf("its phone (%s) was measured in %d sessions, the nearest %s from it: %s",
			nearest.by, len(x.distinct(same.all)), human.Span(gap), x.sources[nearest.source].path), settle: "give the folder with its session by --sessions",
			mentions: []string{x.sources[nearest.source].path}}
	}
	return x.doubt([]*candidate{nearest}, fmt.Sprintf("no session of its phone was measured at its time; the nearest is %s away", human.Span(gap)), settlePair)
}

// reach is beyond what no alignment answers.
const reach = 24 * time.Hour

// samePhone returns what was measured of the recording's phone. A study has few phones, and thousands of sessions.
func (x *index) samePhone(p retime.Part) *timeline {
	var keys []string
	if p.DeviceID != "" {
		keys = append(keys, "device "+strings.ToLower(p.DeviceID))
	}
	for _, s := range p.Serials {
		keys = append(keys, "glasses "+s)
	}
	all := strings.Join(keys, "\n")
	if out, ok := x.same[all]; ok {
		return out
	}
	seen := map[*candidate]bool{}
	var out []*candidate
	for _, key := range keys {
		for _, c := range x.by[key] {
			if by, ok := c.is(p.DeviceID, p.Serials); ok && !seen[c] {
				seen[c] = true
				out = append(out, &candidate{c.source, c.measured, by})
			}
		}
	}
	x.same[all] = newTimeline(out)
	return x.same[all]
}

// distinct leaves one candidate a source.
func (x *index) distinct(of []*candidate) []*candidate {
	seen := map[int]bool{}
	var out []*candidate
	for _, c := range of {
		if !seen[c.source] {
			seen[c.source] = true
			out = append(out, c)
		}
	}
	return out
}

// doubt is about what somebody has to decide.
func (x *index) doubt(of []*candidate, problem, settle string) choice {
	const most = 5 // more say nothing more
	var names []string
	for _, c := range x.distinct(of) {
		names = append(names, x.sources[c.source].path)
	}
	rest := ""
	c := choice{state: Doubtful, source: -1, settle: settle}
	if n := len(names) - most; n > 0 {
		names = names[:most]
		rest = fmt.Sprintf(" (%d of %d)", most, most+n)
	}
	c.problem, c.mentions = problem+rest+": "+strings.Join(names, ", "), names
	return c
}
