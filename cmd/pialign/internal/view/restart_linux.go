package view

import (
	"io"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// RestartOutput lets the terminal that w is go on where Ctrl-S stopped it, as Ctrl-Q would, and reports whether it could. That of another program in the foreground it
// leaves alone.
//
// Only who stopped a terminal may start it (tty_ioctl(2), TCXONC): so it is stopped once more before.
func RestartOutput(w io.Writer) bool {
	f, ok := fileOf(w)
	if !ok {
		return false
	}
	fd := int(f.Fd())
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group != unix.Getpgrp() {
		return false
	}
	signal.Ignore(syscall.SIGTTOU) // it may have changed since: this must not stop the program
	defer signal.Reset(syscall.SIGTTOU)
	return unix.IoctlSetInt(fd, unix.TCXONC, unix.TCOOFF) == nil && unix.IoctlSetInt(fd, unix.TCXONC, unix.TCOON) == nil
}
