//go:build unix

package main

import (
	"os"
	"syscall"
)

var hangup os.Signal = syscall.SIGHUP
