package probe

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// descriptor is a stream that blocks the thread which reads or writes it. The stamp is taken by the thread that the kernel wakes, and not by one that
// the Go scheduler finds for the goroutine after another thread was told by epoll.
//
// A thread that blocks keeps its processor of the scheduler, one of GOMAXPROCS, until that notices, which may take 10 ms: with as many exchanges under
// way as there are processors all others would wait that long, stamps included. So there are always fewer descriptors than processors.
type descriptor struct {
	file        *os.File // blocking, so that the runtime does not poll it
	raw         syscall.RawConn
	local, peer net.Addr

	mu     sync.Mutex  // guards what follows
	end    time.Time   // of all reading and writing; zero: none
	timer  *time.Timer // ends them
	closed bool

	over atomic.Bool // the timer did: nothing moves any more
}

// descriptors is how many there are.
var descriptors atomic.Int64

// newStream takes c over. It is closed if there is an error.
func newStream(c *net.TCPConn) (stream, error) {
	if descriptors.Add(1) >= int64(runtime.GOMAXPROCS(0)) {
		descriptors.Add(-1)
		return polled{c}, nil
	}
	d, err := newDescriptor(c)
	if err != nil {
		descriptors.Add(-1)
		return nil, err
	}
	return d, nil
}

// makeRoom sees to it that there can be n descriptors besides what else the program does.
func makeRoom(n int) {
	if want := runtime.NumCPU() + n; want > runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(want)
	}
}

// newDescriptor takes c over. It is closed if there is an error.
func newDescriptor(c *net.TCPConn) (*descriptor, error) {
	defer c.Close() // what the runtime polls; the connection goes on through the duplicate
	theirs, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	bad := theirs.Control(func(old uintptr) {
		// The mode belongs to the connection, not to the descriptor; nobody uses the old one any more.
		if fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			err = unix.SetNonblock(fd, false)
		}
	})
	if err = errors.Join(bad, err); err != nil {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
		return nil, os.NewSyscallError("dup", err)
	}
	d := &descriptor{file: os.NewFile(uintptr(fd), "tcp"), local: c.LocalAddr(), peer: c.RemoteAddr()}
	if d.raw, err = d.file.SyscallConn(); err != nil {
		_ = d.file.Close()
		return nil, err
	}
	d.timer = time.AfterFunc(time.Hour, d.expire)
	d.timer.Stop()
	return d, nil
}

// Read reads what there is, or waits for it.
func (d *descriptor) Read(b []byte) (int, error) {
	if d.over.Load() {
		return 0, d.error("read", os.ErrDeadlineExceeded)
	}
	n, err := d.file.Read(b) // read(2), again where a signal interrupts it
	if n > 0 || err == nil {
		return n, nil
	}
	return 0, d.error("read", err)
}

// Write writes all of b.
func (d *descriptor) Write(b []byte) (int, error) {
	n, err := d.file.Write(b)
	if err != nil {
		err = d.error("write", err)
	}
	return n, err
}

// error puts an error as package net does. After the deadline all errors come from that.
func (d *descriptor) error(op string, err error) error {
	var p *os.PathError
	switch {
	case d.over.Load():
		err = os.ErrDeadlineExceeded
	case errors.As(err, &p):
		err = os.NewSyscallError(op, p.Err)
	case !errors.Is(err, os.ErrClosed):
		return err // io.EOF
	}
	return &net.OpError{Op: op, Net: d.local.Network(), Source: d.local, Addr: d.peer, Err: err}
}

func (d *descriptor) RemoteAddr() net.Addr { return d.peer }

// SetDeadline ends reading and writing at an instant, however far they are; the connection is of no use after it. A zero instant is never.
func (d *descriptor) SetDeadline(end time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return net.ErrClosed
	}
	if d.end = end; end.IsZero() {
		d.timer.Stop()
	} else {
		d.timer.Reset(time.Until(end))
	}
	return nil
}

// expire ends the connection, which wakes whoever is blocked in it, unless the deadline was moved meanwhile.
func (d *descriptor) expire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.end.IsZero() || time.Until(d.end) > 0 {
		return
	}
	d.over.Store(true)
	// It fails where the connection has ended, and then nobody is blocked.
	_ = d.raw.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) })
}

// Close closes the connection, which nobody reads or writes.
func (d *descriptor) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return net.ErrClosed
	}
	d.closed = true
	descriptors.Add(-1)
	d.timer.Stop()
	return d.file.Close()
}

// quiet reports whether the connection is open and nothing has come over it by then.
func (d *descriptor) quiet(then time.Time) bool {
	n, err := 0, error(nil)
	bad := d.raw.Control(func(fd uintptr) {
		for {
			left := unix.NsecToTimespec(max(int64(time.Until(then)), 0))
			what := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			if n, err = unix.Ppoll(what, &left, nil); err != unix.EINTR {
				return
			}
		}
	})
	return bad == nil && err == nil && n == 0 && !d.over.Load()
}
