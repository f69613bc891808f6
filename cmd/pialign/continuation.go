package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/pialign/pialign/formats/probelog"
)

// apart is how far the numbers of two programs at work on one phase are from each other. No phase has more exchanges.
const apart = 1_000_000

// firstNumber returns the number of the first exchange of p, whose log was just made. It is the one after those that the
// session has of the phase; but where another journal of it is there, of a program at work or of one that crashed, numbers are taken that no other log
// takes: they follow from the log's name, which no other has. The other's numbers may grow while this looks.
func (m *measurement) firstNumber(p *measured) (int64, error) {
	own := strings.TrimSuffix(filepath.Base(p.log.Path()), filepath.Ext(p.log.Path()))
	inWork, err := m.journals(own, p)
	if err != nil {
		return 0, err
	}
	first, err := probelog.NextSeq(m.o.session, m.o.name(), p.status.Phone.DeviceID, m.o.phase)
	if err == nil && inWork {
		const names = 1 << 31 // two logs of one session meet there once in 2e9
		first = max(first, apart*int64(1+xxhash.Sum64String(own)%names))
	}
	return first, err
}

// journals reports whether there is a journal of the same phase and phone beside the one called own.
func (m *measurement) journals(own string, p *measured) (bool, error) {
	entries, err := os.ReadDir(m.o.session)
	if err != nil {
		return false, fmt.Errorf("reading session: %w", err)
	}
	_, tail, _ := strings.Cut(own, "_") // after the time: phase and device
	for _, e := range entries {
		name, isJournal := strings.CutSuffix(e.Name(), ".journal")
		if _, rest, _ := strings.Cut(name, "_"); isJournal && name != own && rest == tail {
			return true, nil
		}
	}
	return false, nil
}

// strangers warns where the session has logs of other phones, and none of this one: it may be another participant's.
func (m *measurement) strangers() {
	s, err := probelog.ReadSession(m.o.session)
	if err != nil {
		return // whatever it is, it does not keep anybody from measuring
	}
	var known []string
	for _, d := range s.Devices() {
		known = append(known, d.ID)
	}
	for _, p := range m.phones {
		if id := p.status.Phone.DeviceID; p.err == nil && len(known) > 0 && !slices.Contains(known, id) {
			fmt.Fprintf(m.talk, "pialign: warning: session %s has logs of %s and none of %s yet: is it the right folder?\n",
				m.o.session, strings.Join(known, ", "), cmp.Or(id, p.spec))
		}
	}
}
