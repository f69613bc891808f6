package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// grace is how long an exchange that is under way when its context ends may still take.
const grace = 250 * time.Millisecond

// wire is a connection to one address that is opened when needed. It carries one question at a time.
type wire struct {
	addr string // IP:PORT, or HOST:PORT until the first dial
	conn stream
	rd   *replyReader
	used bool      // a question was sent on conn
	last time.Time // when something happened on it that was asked for
	now  func() instant
}

// stream is an open connection, in the way that this system stamps best. One goroutine at a time uses it, but any may set the
// deadline, which ends a Read or Write that is under way too.
type stream interface {
	io.ReadWriteCloser
	RemoteAddr() net.Addr
	SetDeadline(time.Time) error
	quiet(then time.Time) bool // the connection is open, and nothing has come over it by then
}

// open connects, unless that is done, and says whether nothing was asked on the connection yet.
func (w *wire) open(ctx context.Context, timeout time.Duration) (fresh bool, err error) {
	if w.conn != nil {
		return !w.used, nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", w.addr)
	if err != nil {
		return false, err
	}
	tcp := c.(*net.TCPConn) // as is documented for "tcp"
	if err := tcp.SetNoDelay(true); err != nil {
		_ = c.Close()
		return false, err
	}
	conn, err := newStream(tcp)
	if err != nil {
		return false, err
	}
	// Whoever answered keeps being asked: a name may lead elsewhere the next time.
	w.addr = conn.RemoteAddr().String()
	w.conn, w.rd, w.last = conn, newReplyReader(conn, w.now), time.Now()
	return true, nil
}

// peek is how long a connection must have been silent before a question: what belongs to none comes soon after an answer, or never.
const peek = time.Millisecond

// lost reports whether there was a connection that can no longer be used, and drops it. It is used only while it is open
// and silent: bytes that belong to no question would be taken for the next answer.
func (w *wire) lost() bool {
	if w.conn == nil {
		return false
	}
	if w.conn.quiet(w.last.Add(peek)) {
		return false
	}
	w.drop()
	return true
}

// drop closes the connection.
func (w *wire) drop() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn, w.rd, w.used = nil, nil, false
	}
}

// limit bounds what happens on the connection from now on by timeout, and after the end of ctx by grace. The
// caller calls release when done.
func (w *wire) limit(ctx context.Context, timeout time.Duration) (release func(), err error) {
	conn, end := w.conn, deadline(timeout)
	if err := conn.SetDeadline(end); err != nil {
		return nil, err
	}
	var done atomic.Bool
	stop := context.AfterFunc(ctx, func() {
		if soon := deadline(grace); soon.Before(end) && !done.Load() {
			_ = conn.SetDeadline(soon)
		}
	})
	return func() {
		done.Store(true)
		stop()
		w.last = time.Now()
		_ = conn.SetDeadline(time.Time{}) // fails where the connection was dropped
	}, nil
}

// errUnheard says that nothing of a question left this computer.
var errUnheard = errors.New("nothing was sent")

// send writes the question in one piece.
func (w *wire) send(question []byte) error {
	n, err := w.conn.Write(question)
	if err != nil && n == 0 {
		return fmt.Errorf("%w: %w", errUnheard, err)
	}
	return err
}

// silent puts the end of a connection before any answer into words.
func silent(err error) error {
	if errors.Is(err, io.EOF) && !errors.Is(err, errCut) {
		return errors.New("the connection was closed without an answer")
	}
	return err
}

// trip is one question over a wire: what became of it, and when it left.
type trip struct {
	sent  instant // zero if nothing was sent
	fresh bool
}

// ask connects if need be, stamps, sends the question, and lets answer read what comes back. After an error the
// connection is dropped.
func (w *wire) ask(ctx context.Context, timeout time.Duration, question []byte, answer func() error) (t trip, err error) {
	if err := ctx.Err(); err != nil {
		return t, err
	}
	if t.fresh, err = w.open(ctx, timeout); err != nil {
		return t, err
	}
	release, err := w.limit(ctx, timeout)
	if err != nil {
		w.drop()
		return t, err
	}
	defer release()
	w.used = true
	t.sent = w.now()
	if err = w.send(question); err == nil {
		err = answer()
	}
	if err != nil {
		w.drop()
	}
	if errors.Is(err, errUnheard) {
		t.sent = instant{}
	}
	return t, silent(err)
}

// MakeRoom lets n phones be probed side by side with the tightest stamps, at the price of a scheduler that has more processors (GOMAXPROCS) than the
// computer. On Linux an exchange under way may keep one busy; for which there is none the runtime's poller waits, and [A, B] is wider: by a fifth on loopback, by
// more where the computer is busy. It is for programs, before they open the phones; nothing depends on it.
func MakeRoom(n int) { makeRoom(2 * n) } // events and Time Echo have a connection each
