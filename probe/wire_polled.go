package probe

import (
	"errors"
	"net"
	"os"
	"time"
)

// polled is a socket that the Go runtime waits for.
type polled struct{ *net.TCPConn }

// quiet reports whether the connection is open and nothing has come over it by then. It looks for at least as long as peek: the runtime
// does not read at all after a deadline.
func (p polled) quiet(then time.Time) bool {
	if soon := deadline(peek); then.Before(soon) {
		then = soon
	}
	var b [1]byte
	if p.SetReadDeadline(then) != nil {
		return false
	}
	_, err := p.Read(b[:])
	return errors.Is(err, os.ErrDeadlineExceeded)
}
