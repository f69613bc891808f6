// Package probe talks to phones that run the Companion app of Pupil Invisible or Neon, and measures their clock
// against this computer's.
//
// Most callers need four functions: [Resolve] or [Discover] finds a phone, [Open] connects to it, and [Run] exchanges
// events or Time Echoes with it on a schedule and hands over each [Exchange]: when the question left, what the phone
// stamped, when the answer came, on the wall and on the monotonic clock of this computer.
//
// A question is only ever sent over a connection that was open before, A is read directly before it is written and B
// directly after the answer's last bytes were read, so the instant that the phone stamped lies between them,
// whatever the network did. Every exchange is handed over, the failed ones too. An answer of which it is not certain
// that it is whole, and that its time is a time, is a failure and never a stamp.
//
// The package prints and logs nothing. It sends nothing to any address that was not named by the caller or found by
// discovery, and follows no redirects.
package probe
