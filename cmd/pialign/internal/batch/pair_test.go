package batch

import (
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

const (
	minute = align.DeviceTime(time.Minute)
	noon   = align.DeviceTime(1_732_449_600_000_000_000)
)

// session is one whose only phone was probed from the one minute after noon to the other.
func session(path, device string, from, to align.DeviceTime, recordings ...string) source {
	return source{path: path, devices: []measured{{deviceID: device, serials: []string{"glasses-" + device}, recordingIDs: recordings, first: noon + from*minute, last: noon + to*minute}}}
}

func part(device, recording string, from, to align.DeviceTime) retime.Part {
	return retime.Part{Name: "r", DeviceID: device, RecordingID: recording, First: noon + from*minute, Last: noon + to*minute}
}

func TestWhichSessionIsARecordings(t *testing.T) {
	broken := session("broken", "a", 0, 30)
	broken.err = errTest
	for _, c := range []struct {
		name     string
		sessions []source
		part     retime.Part
		state    State
		source   string // "" for none
		says     string
	}{
		{"named by the phone, whatever the time", []source{session("s1", "a", 0, 30), session("s2", "a", 100, 130, "r1")}, part("a", "r1", 5, 25), Paired, "s2", "named it"},
		{"named by the phone in two: the time decides", []source{session("s1", "a", 0, 30, "r1"), session("s2", "a", 100, 130, "r1")}, part("a", "r1", 5, 25), Paired, "s1", "named it"},
		{"named by the phone in two, of no known time", []source{session("s1", "a", 0, 30, "r1"), session("s2", "a", 100, 130, "r1")}, retime.Part{RecordingID: "r1"}, Doubtful, "", "s1, s2"},
		{"named by another phone than its own", []source{session("s1", "b", 0, 30, "r1")}, part("a", "r1", 5, 25), Doubtful, "", "info.json says a"},
		{"named by a phone that it does not know", []source{session("s1", "b", 0, 30, "r1")}, part("", "r1", 5, 25), Paired, "s1", "named it"},
		{"its phone at its time", []source{session("s1", "a", 0, 30), session("s2", "b", 0, 30)}, part("A", "r1", 5, 25), Paired, "s1", "device id A"},
		{"its phone, probed after it alone", []source{session("s1", "a", 28, 30)}, part("a", "", 5, 25), Paired, "s1", "measured 3 min 0 s away"},
		{"its phone, probed 11 minutes later", []source{session("s1", "a", 36, 38)}, part("a", "", 5, 25), Doubtful, "", "11 min 0 s away"},
		{"its phone, but two days later", []source{session("s1", "a", 2880, 2890)}, part("a", "", 5, 25), Unpaired, "", "from it: s1"},
		{"its phone in two sessions at once", []source{session("s1", "a", 0, 30), session("s2", "a", 10, 40)}, part("a", "", 5, 25), Doubtful, "", "s1, s2"},
		{"its phone at its time and another session near it", []source{session("s1", "a", 0, 24), session("s2", "a", 26, 40)}, part("a", "", 5, 25), Paired, "s1", "at that time"},
		{"no id but the glasses' number", []source{session("s1", "a", 0, 30)}, withSerials(part("", "", 5, 25), "glasses-a"), Paired, "s1", "glasses glasses-a"},
		{"other phone, same glasses", []source{session("s1", "a", 0, 30)}, withSerials(part("b", "", 5, 25), "glasses-a"), Unpaired, "", "no session has its phone"},
		{"nothing known but the time", []source{session("s1", "a", 0, 30)}, part("", "", 5, 25), Doubtful, "", "nothing says which phone"},
		{"nothing known at all", []source{session("s1", "a", 0, 30)}, retime.Part{}, Unpaired, "", "nor when"},
		{"the session that it is of cannot be read", []source{broken}, part("a", "", 5, 25), Unpaired, "", "no session has its phone"},
		{"no sessions", nil, part("a", "r1", 5, 25), Unpaired, "", "no session has its phone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := newIndex(c.sessions).pair(c.part)
			source := ""
			if got.source >= 0 {
				source = c.sessions[got.source].path
			}
			if got.state != c.state || source != c.source || !strings.Contains(got.why+got.problem, c.says) {
				t.Errorf("%+v, session %q; want %s, %q, and %q in it", got, source, c.state, c.source, c.says)
			}
			if got.state != Paired && got.settle == "" {
				t.Errorf("nothing says what would settle it: %+v", got)
			}
		})
	}
}

func withSerials(p retime.Part, serials ...string) retime.Part {
	p.Serials = serials
	return p
}
