package probe

import (
	"context"
	"errors"
	"net"
	"os"

	"github.com/pialign/pialign/align"
)

// Outcome says how an exchange ended, in the words of the probe log's status column.
type Outcome string

// The outcomes. The fit uses the first two.
const (
	OK       Outcome = "ok"
	Warmup   Outcome = "warmup"   // good, and among the first of a burst
	Timeout  Outcome = "timeout"  // no whole answer in time, or given up
	Refused  Outcome = "refused"  // no connection, or it ended without any answer
	HTTP     Outcome = "http"     // an HTTP status other than 200
	BadReply Outcome = "badreply" // an answer that is not one
)

// Exchange is one question and what became of it.
//
// A and MonoA are zero if it was never sent; E, B and MonoB are zero unless there is a good answer.
type Exchange struct {
	align.Sample
	EventName   string // of an event
	RecordingID string // of the recording that the phone counted the event to; empty if none, or not known
	Outcome     Outcome
	Fresh       bool  // the connection was opened for this exchange, before A
	Err         error // why there is no good answer; nil with OK and Warmup
}

// Good reports whether the exchange has a stamp.
func (e Exchange) Good() bool { return e.Outcome == OK || e.Outcome == Warmup }

// fail returns e as one that failed with err.
func (e Exchange) fail(err error) Exchange {
	e.Outcome, e.Err = outcomeOf(err), err
	e.E, e.B, e.MonoB, e.RecordingID = 0, 0, 0, ""
	return e
}

// outcomeOf sorts an error into the failures.
func outcomeOf(err error) Outcome {
	var r *ReplyError
	var n net.Error
	switch {
	case errors.As(err, &r) && r.Status != 200:
		return HTTP
	case errors.As(err, &r), errors.Is(err, errCut), errors.Is(err, errFraming), errors.Is(err, errEcho):
		return BadReply
	case errors.Is(err, ErrOtherPhone), errors.Is(err, ErrNotAPhone):
		return BadReply
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Timeout
	case errors.As(err, &n) && n.Timeout():
		return Timeout
	}
	return Refused
}
