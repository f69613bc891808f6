package align

import "time"

// Sample is one exchange with the phone: the host asked at A, the phone stamped E, the host heard at B.
//
// MonoA and MonoB are the monotonic readings taken with A and B; both are zero where there are none. Host and
// Boot say whose clocks A, B, MonoA and MonoB are: monotonic readings compare only within one Boot of one Host.
// Empty strings are a host and a boot like any other.
type Sample struct {
	A, B         HostTime
	MonoA, MonoB MonoTime
	E            DeviceTime

	Phase    string // the label of the run of exchanges it belongs to: "start", "end" or any name
	Protocol string // how it was taken: "event" or "echo"
	Seq      int64  // its number within the phase
	Host     string
	Boot     string
}

// HasMono reports whether s carries monotonic readings.
func (s Sample) HasMono() bool { return s.MonoA != 0 || s.MonoB != 0 }

// RoundTrip returns B - A, on the monotonic clock where s has readings of it.
func (s Sample) RoundTrip() time.Duration {
	if s.HasMono() {
		return s.MonoB.Sub(s.MonoA)
	}
	return s.B.Sub(s.A)
}

// Offset returns the bounds that s alone puts on host - device.
//
// The phone read its clock somewhere between A and B, so no symmetry is assumed: the interval is as wide as the
// round trip plus quantum, the resolution to which the phone truncates. Source: RFC 5905 section 8 with the two
// inner stamps equal.
func (s Sample) Offset(quantum time.Duration) Interval {
	return Interval{
		Lo: time.Duration(int64(s.A)-int64(s.E)) - quantum,
		Hi: time.Duration(int64(s.B) - int64(s.E)),
	}
}
