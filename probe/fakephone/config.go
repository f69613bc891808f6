package fakephone

import (
	"errors"
	"fmt"
	"time"

	"github.com/pialign/pialign/align/scenario"
)

// Config says what phone to be. Only Time must be set.
type Config struct {
	Time     Time   // the host clock, taken for true
	DeviceID string // 16 hex digits by default
	Name     string // what the user called the phone; OnePlus8 or Neon Companion by default
	Family   Family // Invisible by default
	IP       string // the address the phone reports; the one it listens on by default

	Clock           scenario.Clock // the clock that stamps events
	StampResolution time.Duration  // stamps are floored to a multiple of it on the phone's clock; 0: 1 ms
	Up, Down        scenario.Delay // the way to the phone and the way back, drawn anew for each exchange
	Radio           *Radio         // a radio that sleeps, between network and phone; nil: it never does
	Seed            uint64         // of delays, losses and recording ids

	Lag        time.Duration // from the start's answer to the opening of the recording; 0: 600 ms, negative: none
	LagNull    bool          // until it opens, events carry no recording id even where there was an earlier recording
	Linger     time.Duration // for how long after its end a recording stays in the status, with a closing action
	NoIDKey    bool          // where nothing records, recording_id is missing from an event's answer; false: null
	StopObject bool          // stop and cancel answer with an object, as the specification has it; false: null
	Hardware   Hardware      // what the status says of the glasses
	Refusal    Refusal       // why start (and stop) are refused, from the beginning

	NoEcho    bool            // no Time Echo server, and no port in the status
	EchoClock *scenario.Clock // the clock behind Time Echo; nil: Clock

	CloseAfterAnswer bool              // each connection serves one request
	Fault            func(n int) Fault // what goes wrong with the n-th event request, counted from 0; nil: nothing
	Loss             float64           // share of event exchanges, 0 to 1, of which the request or the answer is lost
	Plain            bool              // only components that the vendor's client survives
	Announce         *Announcement     // make the phone known by mDNS; nil: do not
}

// Family is the app that the phone runs.
type Family string

// The two families of phones. They differ in sensors, hardware fields, host name and templates.
const (
	Invisible Family = "invisible"
	Neon      Family = "neon"
)

// Hardware says how the status speaks of the glasses.
type Hardware string

// With no glasses plugged in some phones leave the component out, others fill it with nulls.
const (
	HardwarePresent Hardware = ""
	HardwareAbsent  Hardware = "absent"
	HardwareNull    Hardware = "null"
)

// Check returns an error for a Config that Start would refuse.
func (c Config) Check() error {
	_, err := c.withDefaults()
	return err
}

// withDefaults returns c with its zero fields filled, or what is wrong with it.
func (c Config) withDefaults() (Config, error) {
	if c.Time == nil {
		return c, errors.New("Time is not set")
	}
	switch c.Family {
	case "":
		c.Family = Invisible
	case Invisible, Neon:
	default:
		return c, fmt.Errorf("unknown family %q, want %q or %q", c.Family, Invisible, Neon)
	}
	switch c.Hardware {
	case HardwarePresent, HardwareAbsent, HardwareNull:
	default:
		return c, fmt.Errorf("unknown hardware mode %q", c.Hardware)
	}
	if err := c.Refusal.check(); err != nil {
		return c, err
	}
	if c.DeviceID == "" {
		c.DeviceID = "fa4e000000000001"
	}
	if c.Name == "" {
		c.Name = map[Family]string{Invisible: "OnePlus8", Neon: "Neon Companion"}[c.Family]
	}
	if name := c.instance(); c.Announce != nil && len(name) > labelBytes {
		return c, fmt.Errorf("announcing %q: %d bytes, where a DNS label holds %d: shorten the name", name, len(name), labelBytes)
	}
	if c.StampResolution == 0 {
		c.StampResolution = time.Millisecond // what every arrival stamp seen so far was cut to
	}
	if c.StampResolution < 0 {
		return c, fmt.Errorf("stamp resolution %v, want 1ns or more", c.StampResolution)
	}
	if c.Lag == 0 {
		c.Lag = 600 * time.Millisecond // 0.4 to 0.9 s were reported from the field
	}
	c.Lag = max(c.Lag, 0)
	if err := c.Clock.Check(); err != nil {
		return c, err
	}
	if c.EchoClock != nil {
		if err := c.EchoClock.Check(); err != nil {
			return c, fmt.Errorf("clock behind Time Echo: %w", err)
		}
	}
	if err := c.Up.Check(); err != nil {
		return c, fmt.Errorf("way up: %w", err)
	}
	if err := c.Down.Check(); err != nil {
		return c, fmt.Errorf("way down: %w", err)
	}
	if r := c.Radio; r != nil {
		own := *r
		if c.Radio = &own; own.Beacon == 0 {
			own.Beacon = usualBeacon
		}
		if own.Beacon < time.Millisecond || own.Beacon > time.Minute || own.Awake < 0 || own.Awake > time.Hour {
			return c, fmt.Errorf("radio: beacons %v apart, awake for %v; want 1 ms to 1 min, and 0 to 1 h", own.Beacon, own.Awake)
		}
	}
	if !(c.Loss >= 0 && c.Loss <= 1) {
		return c, fmt.Errorf("loss %v, want 0 to 1", c.Loss)
	}
	return c, nil
}
