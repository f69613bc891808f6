package retime

import (
	"fmt"
	"slices"
	"strings"
)

// NoClockError names every recording for which there is no clock. It wraps ErrNoClock and each of Causes.
type NoClockError struct {
	Causes  []error
	Aligned int // recordings beside them that have a clock
}

func (e *NoClockError) Error() string {
	const most = 10 // a sentence, not a page
	var names []string
	for _, err := range e.Causes[:min(len(e.Causes), most)] {
		names = append(names, err.Error())
	}
	if n := len(e.Causes) - most; n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	return ErrNoClock.Error() + ": " + strings.Join(names, "; ")
}

func (e *NoClockError) Unwrap() []error { return slices.Concat([]error{ErrNoClock}, e.Causes) }
