package retime

import (
	"fmt"

	"github.com/pialign/pialign/align"
)

// NotPhoneError is about a recording that does not begin as one of a phone's: the app stamps the begin in whole ms,
// and a re-timed one is no longer in whole ms but once in a million. It wraps ErrRetimed.
type NotPhoneError struct {
	File string
	What string // start_time or recording.begin
	At   align.DeviceTime
}

func (e *NotPhoneError) Error() string {
	return fmt.Sprintf("%s: these times are not a phone's: %s is not in whole ms (%d), as in a re-timed recording; "+
		"give the folder as it was downloaded", e.File, e.What, int64(e.At))
}

func (e *NotPhoneError) Unwrap() error { return ErrRetimed }

// WholeMS reports whether at is in whole ms, as whatever the phone's app stamps itself.
func WholeMS(at align.DeviceTime) bool { return at%1_000_000 == 0 }
