package fakephone

import (
	"strings"
	"testing"
)

func TestAnnounceRefusesALongName(t *testing.T) {
	// 63 bytes of a label hold "PI monitor:", a name of 35 bytes, ":" and 16 digits.
	cfg := Config{Time: NewVirtualTime(morning, 0), Name: strings.Repeat("n", 36), Announce: &Announcement{}}
	p, err := Start(t.Context(), cfg, "")
	if err == nil || p != nil || !strings.Contains(err.Error(), "shorten the name") {
		t.Errorf("phone %v, error %v", p, err)
	}
}

func TestInstanceNameIsOneLabel(t *testing.T) {
	if got, want := escaped(`PI monitor:Lab. 3:\fa4e`), `PI monitor:Lab\. 3:\\fa4e`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
