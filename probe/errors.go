package probe

import (
	"errors"
	"fmt"
	"strings"
)

// What a caller may branch on. The errors that wrap them say which phone, what was expected and what to try.
var (
	ErrNoPhone    = errors.New("no phone answered")
	ErrAddress    = errors.New("no address of a phone")
	ErrNotAPhone  = errors.New("not a phone with the Companion app")
	ErrOtherPhone = errors.New("another phone answered")
	ErrAmbiguous  = errors.New("several phones match")
	ErrMulticast  = errors.New("multicast cannot be sent from here")
	ErrNoEcho     = errors.New("the phone offers no Time Echo")
)

// typeTheAddress is what helps wherever discovery does not.
const typeTheAddress = "multicast may be blocked in this network; use the HOST:PORT that the app's Streaming screen shows"

// excerptBytes is how much of an answer that is not one an error shows.
const excerptBytes = 80

// ReplyError is an answer that is none: what came instead of the phone's JSON.
type ReplyError struct {
	Status      int    // the HTTP status
	ContentType string // as answered
	Body        []byte // its first bytes
	Problem     string // what is wrong with it
}

func (e *ReplyError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "status %d, content type %.80q, ", e.Status, e.ContentType)
	switch {
	case len(e.Body) == 0:
		b.WriteString("no body")
	default:
		fmt.Fprintf(&b, "body begins %q", e.Body)
	}
	fmt.Fprintf(&b, ": %s", e.Problem)
	return b.String()
}

// badReply returns the error for r, which has the problem.
func badReply(r *reply, format string, args ...any) error {
	return &ReplyError{
		Status: r.status, ContentType: r.contentType,
		Body: r.body[:min(len(r.body), excerptBytes)], Problem: fmt.Sprintf(format, args...),
	}
}
