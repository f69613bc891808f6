package probelog

import (
	"fmt"

	"github.com/pialign/pialign/align"
)

// Row is one exchange. A zero A, E, B, MonoA or MonoB is a stamp that was not taken. Host and Boot are those of
// the log's Header. An empty Session, DeviceID or Phase stands for the Header's.
type Row struct {
	Session, DeviceID string
	align.Sample
	EventName, RecordingID string
	Status                 string // see Status constants
	Fresh                  bool   // a connection was opened for it
}

// What became of an exchange. The fit uses OK and Warmup.
const (
	StatusOK       = "ok"
	StatusWarmup   = "warmup" // one of the first, which take longer
	StatusTimeout  = "timeout"
	StatusRefused  = "refused"
	StatusHTTP     = "http" // an answer, but not 200
	StatusBadReply = "badreply"
)

// Answered reports whether the row is a sample: the phone stamped it and the host heard so.
func (r Row) Answered() bool {
	return (r.Status == StatusOK || r.Status == StatusWarmup) && r.A != 0 && r.E != 0 && r.B != 0
}

// maxRows bounds a log, and so what reading one can cost: a day at 24 exchanges a second.
const maxRows = 1 << 21

// rowColumns are the columns of a probe log in their order.
var rowColumns = []column[Row]{
	text("session", func(r *Row) *string { return &r.Session }),
	text("device_id", func(r *Row) *string { return &r.DeviceID }),
	text("phase", func(r *Row) *string { return &r.Phase }),
	text("protocol", func(r *Row) *string { return &r.Protocol }),
	integer("seq", func(r *Row) *int64 { return &r.Seq }),
	instant("ts_a_ns", func(r *Row) *int64 { return (*int64)(&r.A) }),
	instant("ts_e_ns", func(r *Row) *int64 { return (*int64)(&r.E) }),
	instant("ts_b_ns", func(r *Row) *int64 { return (*int64)(&r.B) }),
	instant("mono_a_ns", func(r *Row) *int64 { return (*int64)(&r.MonoA) }),
	instant("mono_b_ns", func(r *Row) *int64 { return (*int64)(&r.MonoB) }),
	text("event_name", func(r *Row) *string { return &r.EventName }),
	text("recording_id", func(r *Row) *string { return &r.RecordingID }),
	text("status", func(r *Row) *string { return &r.Status }),
	flag("connection_fresh", func(r *Row) *bool { return &r.Fresh }),
}

// prepare returns r as it is written into a log of h, or why it cannot be.
func (r Row) prepare(h Header) (Row, error) {
	for _, f := range []struct {
		row    *string
		header string
	}{{&r.Session, h.Session}, {&r.DeviceID, h.DeviceID}, {&r.Phase, h.Phase}, {&r.Host, h.Host}, {&r.Boot, h.Boot}} {
		if *f.row == "" {
			*f.row = f.header
		}
	}
	if r.Host != h.Host || r.Boot != h.Boot {
		return Row{}, fmt.Errorf("exchange %d is of host %q, boot %q; the log is of host %q, boot %q", r.Seq, r.Host, r.Boot, h.Host, h.Boot)
	}
	for _, f := range []struct{ name, value string }{
		{"session", r.Session}, {"device id", r.DeviceID}, {"phase", r.Phase}, {"protocol", r.Protocol}, {"status", r.Status},
	} {
		if err := checkText(f.name, f.value); err != nil {
			return Row{}, fmt.Errorf("exchange %d: %w", r.Seq, err)
		}
	}
	r.EventName, r.RecordingID = clip(r.EventName), clip(r.RecordingID)
	if err := r.check(); err != nil {
		return Row{}, fmt.Errorf("exchange %d: %w", r.Seq, err)
	}
	return r, nil
}

// check returns what is wrong with a row. What passes here can be read again.
func (r Row) check() error {
	switch r.Status {
	case StatusOK, StatusWarmup:
		if r.A == 0 || r.E == 0 || r.B == 0 {
			return fmt.Errorf("status is %s, but a stamp is missing", r.Status)
		}
	case StatusTimeout, StatusRefused, StatusHTTP, StatusBadReply:
	default:
		return fmt.Errorf("status %.40q is none of ok, warmup, timeout, refused, http, badreply", r.Status)
	}
	return nil
}
