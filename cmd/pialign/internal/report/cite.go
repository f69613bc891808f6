package report

import (
	"slices"
	"strings"
)

// Citation is something that a paper should name.
type Citation struct {
	Text string `json:"text"`
	For  string `json:"for"` // what it is the source of
}

// address is where pialign is at home: its module path, go.mod's, as an address.
const address = "https://github.com/pialign/pialign"

// The sources, as docs/method.md names them.
const (
	moon     = `S. Moon, P. Skelly, D. Towsley, "Estimation and removal of clock skew from network delay measurements", INFOCOM 1999`
	zhang    = `L. Zhang, Z. Liu, C. Xia, "Clock synchronization algorithms for network measurements", INFOCOM 2002`
	marzullo = `K. Marzullo, S. Owicki, "Maintaining the time in a distributed system", 1983`
	wahba    = `G. Wahba, "Spline Models for Observational Data", SIAM 1990`
	huygens  = `Y. Geng et al., "Exploiting a natural network effect for scalable, fine-grained clock synchronization" (Huygens), NSDI 2018`
)

var (
	citedBound = []Citation{{moon, "the hard bound: a linear programme under the delays"}, {zhang, "the hard bound: convex hulls"}}
	citedFit   = []Citation{{marzullo, "exchanges that contradict the others: the intersection of intervals"},
		{wahba, "the clock's wander: a smoothing spline as an integrated random walk"}}
	citedRecipe = map[string][]Citation{
		"max-margin": {{huygens, "the recipe: the maximum-margin line"}},
		"median":     {{"Pupil Labs: time_echo.py", "the recipe: the median of the middles"}},
		"ols":        {{"Pupil Labs: lsl-relay", "the recipe: least squares"}},
		"lsl-relay":  {{"Pupil Labs: lsl-relay", "the line: least squares"}},
		"best-rtt":   {{"liblsl: time_receiver.cpp", "the recipe: the best round trip of a wave"}},
		"huber":      {{"pyxdf: _robust_fit", "the recipe: a Huber line"}},
	}
)

// software cites pialign, of which by is name and version.
func software(by string) Citation {
	c := Citation{or(by, "pialign"), "the software"}
	if name, _, _ := strings.Cut(c.Text, " "); name == "pialign" {
		c.Text += ", " + address
	}
	return c
}

// cite names what a was made by and the sources of the method that made it.
func (a *Alignment) cite() []Citation {
	out := []Citation{software(a.Program)}
	switch of := citedRecipe[a.Method]; {
	case a.Method == "floor-edge":
		out = slices.Concat(out, citedFit)
	default:
		out = slices.Concat(out, of)
	}
	if a.BoundWidth != nil {
		out = slices.Concat(out, citedBound)
	}
	return out
}

// cite names what the study was made by and the sources of what it states: recipes have no interval.
func (s *Study) cite(program string) []Citation {
	out := []Citation{software(program)}
	if s.HalfWidth.Known > 0 {
		out = slices.Concat(out, citedFit)
	}
	if s.BoundWidth.Known > 0 {
		out = slices.Concat(out, citedBound)
	}
	return out
}
