package align

import "time"

// HostTime is an instant on the host's wall clock: nanoseconds since the Unix epoch as the computer that
// runs the experiment counts them.
type HostTime int64

// MonoTime is an instant on the host's monotonic clock: nanoseconds from an origin of its own (usually the
// start of the computer). It is the clock behind LSL's local_clock.
type MonoTime int64

// DeviceTime is an instant on the phone's clock: nanoseconds since the Unix epoch as the phone counts them.
type DeviceTime int64

// HostClock is a clock that a device instant can be mapped onto.
type HostClock interface{ HostTime | MonoTime }

// Add returns the instant d after t.
func (t HostTime) Add(d time.Duration) HostTime { return t + HostTime(d) }

// Sub returns the span from u to t, positive when t is the later one.
func (t HostTime) Sub(u HostTime) time.Duration { return time.Duration(t - u) }

// Add returns the instant d after t.
func (t MonoTime) Add(d time.Duration) MonoTime { return t + MonoTime(d) }

// Sub returns the span from u to t, positive when t is the later one.
func (t MonoTime) Sub(u MonoTime) time.Duration { return time.Duration(t - u) }

// Add returns the instant d after t.
func (t DeviceTime) Add(d time.Duration) DeviceTime { return t + DeviceTime(d) }

// Sub returns the span from u to t, positive when t is the later one.
func (t DeviceTime) Sub(u DeviceTime) time.Duration { return time.Duration(t - u) }
