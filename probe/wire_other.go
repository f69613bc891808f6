//go:build !linux

package probe

import "net"

// newStream takes c over.
func newStream(c *net.TCPConn) (stream, error) { return polled{c}, nil }

func makeRoom(int) {}
