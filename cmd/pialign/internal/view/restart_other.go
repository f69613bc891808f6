//go:build !linux

package view

import "io"

// RestartOutput would let a terminal go on that was stopped; here it cannot.
func RestartOutput(io.Writer) bool { return false }
