package main

import (
	"cmp"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
)

// earlier returns what the session's earlier phases hold of each device, measured by the same clocks of this computer, in
// order: it makes the drift known from the first exchange on. It is for the view alone, so what cannot be read is left out.
func (m *measurement) earlier() func(deviceID string) []align.Sample {
	of := make(map[string][]align.Sample)
	if s, err := probelog.ReadSession(m.o.session); err == nil {
		for _, d := range s.Devices() {
			for _, x := range d.Samples() {
				if x.Host == m.info.Host && x.Boot == m.info.Boot {
					of[d.ID] = append(of[d.ID], x)
				}
			}
			slices.SortStableFunc(of[d.ID], func(a, b align.Sample) int { return cmp.Compare(a.MonoA, b.MonoA) })
		}
	}
	return func(id string) []align.Sample { return of[id] }
}
