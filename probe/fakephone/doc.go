// Package fakephone pretends to be a phone that runs the Companion app of Pupil Invisible or Neon: HTTP, websocket,
// Time Echo and, where asked for, the mDNS announcement, all on real sockets and complete enough for the vendor's
// own client.
//
// Its clock is a [scenario.Clock] against the host clock that Config.Time tells, its network two
// [scenario.Delay] laws, and both are drawn from a seed, so what it did is known: see [Phone.Exchanges] and
// [Phone.Recordings]. On a [RealTime] the delays are real; on a [VirtualTime] they only move the clock, so that
// two phases an hour apart cost no more than their loopback traffic.
//
// It does what real phones were seen to do. Where nobody has published what they do, Config has a switch for either
// outcome.
package fakephone
