package fakephone

import "fmt"

// Refusal is why the phone refuses to start a recording.
type Refusal string

// The reasons that a phone has. That a recording runs already, or none does, it finds out by itself.
const (
	NoRefusal       Refusal = ""
	BatteryLow      Refusal = "battery"
	StorageLow      Refusal = "storage"
	NoWearer        Refusal = "wearer"
	NoWorkspace     Refusal = "workspace"
	TemplateMissing Refusal = "template" // required answers are missing: stop is refused too
)

// The texts are ours: nobody has published the phone's.
var refusalText = map[Refusal]string{
	BatteryLow:      "Battery level is too low to record",
	StorageLow:      "Not enough storage left to record",
	NoWearer:        "No wearer selected",
	NoWorkspace:     "No workspace selected",
	TemplateMissing: "The template has required fields without an answer",
}

func (r Refusal) check() error {
	if _, ok := refusalText[r]; r != NoRefusal && !ok {
		return fmt.Errorf("unknown refusal %q", r)
	}
	return nil
}

// Refuse makes the phone refuse from now on, or with NoRefusal stop refusing. Battery and storage show in the status.
func (p *Phone) Refuse(r Refusal) error {
	if err := r.check(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal = r
	p.publish(p.phoneComponent())
	return nil
}
