package scenario

import "slices"

// A Family draws sessions of one kind. Core families count for the figures that methods are compared by; the
// others show how a method behaves where one without steps, falsetickers or a second burst has no chance, or at the
// edges of what it is offered for.
type Family struct {
	Name  string
	Core  bool
	Shows string // what it is about
	// MayRefuse: too little is known in some of these sessions to tell what happened, and a refusal is an honest answer.
	MayRefuse bool
	// Limit says which assumption these sessions break where nothing shows it, empty where they keep all or something does. No method can be
	// right and sure there; such a family shows what that costs, and no target counts it.
	Limit string
	Most  int // sessions that are worth their time; 0: any number
	draw  func(d *draft)
}

// Draw returns the session of a seed.
func (f Family) Draw(seed uint64) *Session {
	d := newDraft(seed, f.Name)
	f.draw(d)
	return d.session(f)
}

// Named returns the family of that name.
func Named(name string) (Family, bool) {
	for _, f := range Families {
		if f.Name == name {
			return f, true
		}
	}
	return Family{}, false
}

// Families are all of them.
var Families = slices.Concat(steady, edges, stepped, disturbed, unseen)
