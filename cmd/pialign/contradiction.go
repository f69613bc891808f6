package main

import "fmt"

// contradict refuses what would make one alignment pass for two phones'. all are the recordings of a run. An alignment that
// nothing confirms serves recordings of one device id, none that was made while another one was that it serves, and
// none that its phone did not name where it named another one of the run.
func contradict(all []*use, clocks []hostClock) {
	refused := make(map[*use]error)
	for _, u := range all {
		if u.err != nil || u.confirmed {
			continue
		}
		for _, v := range all {
			if err := u.against(v, clocks); err != nil {
				refused[u] = withHint(err, "give the alignments of all phones, and the recordings' own folders, whose info.json names theirs, in the same run; or the recordings of one phone alone")
				break
			}
		}
	}
	for u, err := range refused {
		u.err = err
	}
}

// against says why u cannot be of the phone that it was taken for, given another recording v of the run.
func (u *use) against(v *use, clocks []hostClock) error {
	switch {
	case v == u || v.recording != "" && v.recording == u.recording:
		return nil
	case u.namedInstead(v, clocks):
		return unaligned(fmt.Errorf("while the phone of %s was probed it named %s, and not this recording: nothing says that they are of one phone", u.clock.name, v.label))
	case v.err != nil || v.clock.phone() != u.clock.phone():
		return nil
	case u.device != "" && v.device != "" && !sameDevice(u.device, v.device):
		return fmt.Errorf("it is of phone %s, and %s of phone %s: %s, which does not say whose it is, cannot be both's", u.device, v.label, v.device, u.clock.name)
	case u.timed && v.timed && u.first < v.last && v.first < u.last:
		return fmt.Errorf("it overlaps in time with %s, and a phone makes one recording at a time: nothing says which of the two %s is for", v.label, u.clock.name)
	}
	return nil
}

// namedInstead reports whether the phone of u's clock named v while it was probed, in whatever session, and not u.
func (u *use) namedInstead(v *use, clocks []hostClock) bool {
	instead := false
	for _, c := range clocks {
		if c.phone() == u.clock.phone() {
			if c.names(u.recording) {
				return false
			}
			instead = instead || c.names(v.recording)
		}
	}
	return instead
}
