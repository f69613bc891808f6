package native

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// run is one Check or Retime.
type run struct {
	*Recording
	ctx     context.Context
	opt     retime.Options
	target  folder.Target // nowhere for a Check
	members []*member     // parallel to ones
	refused []error       // by clocks
	scanned map[string]*scanned
	loose   []string // warnings that belong to no recording

	asking sync.Mutex // for the clocks, whose New need not bear two calls at once
}

// member is one recording in one run.
type member struct {
	*one
	name  string
	clock retime.Clock
	retime.Extent
	last     align.DeviceTime // of what info.json and the events say
	starts   map[string]map[align.DeviceTime]bool
	sender   []retime.SenderStamp
	senders  int
	warnings []string
}

// begin asks for every recording's clock, places its end and looks for events that senders have stamped.
func (r *Recording) begin(ctx context.Context, clocks retime.Clocks, opt retime.Options) (*run, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	if opt.Mode == retime.Add || opt.KeepDeviceTime {
		return nil, fmt.Errorf("%s: %w to put a second time into: mode replace is the only one for them; "+
			"for both times use \"Timeseries Data\" of Pupil Cloud, or keep the original folder beside the result", r.root, ErrBinary)
	}
	u := &run{Recording: r, ctx: ctx, opt: opt, target: folder.Target{SHA256: opt.SHA256}, scanned: map[string]*scanned{}}
	for _, o := range r.ones {
		m := &member{one: o, name: o.dir}
		if o.dir == "." {
			m.name = r.Name()
		}
		m.Begin, m.Begun, m.last = o.info.Start, true, o.info.End()
		if m.last > m.Begin {
			m.End, m.Ended = m.last, true
		}
		if o.info.DeviceID == "" {
			m.warn("%s does not say which phone recorded it (no android_device_id)", o.file.Name)
		}
		var err error
		m.clock, err = clocks(o.info.DeviceID, o.info.RecordingID)
		if err == nil && m.clock.New == nil {
			err = errors.New("there is none")
		}
		if err != nil { // go on, to name them all
			u.refused = append(u.refused, fmt.Errorf("%s: %w", m.name, err))
			m.clock = retime.Clock{New: func() align.Retimer {
				return func(d align.DeviceTime) (int64, error) { return int64(d), nil }
			}}
		}
		u.members = append(u.members, m)
	}
	for _, name := range r.tree.LeftOut {
		if wholefile.IsTemp(path.Base(name)) {
			u.loose = append(u.loose, name+": left out: what an interrupted pialign left behind; it may be deleted")
		}
	}
	for _, m := range u.members {
		if err := u.readEvents(m); err != nil {
			return nil, err
		}
		if err := m.findStarts(); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// warn adds a warning once.
func (m *member) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(m.warnings, text) {
		m.warnings = append(m.warnings, text)
	}
}

// near refuses a stamp that cannot belong to the recording: one that was never written, of another recording, or
// bytes that are no stamp.
func (m *member) near(at align.DeviceTime) error {
	if retime.Near(at, m.Begin, m.last) {
		return nil
	}
	return fmt.Errorf("%w: %d is more than a day from %d, where the recording begins by its info.json (a damaged file, or one of another recording)",
		retime.ErrFar, int64(at), int64(m.Begin))
}

// of returns the recording that f belongs to: of its folder or the nearest one above. Nil if there is none.
func (u *run) of(f folder.File) *member {
	for dir := f.Dir(); ; dir = path.Dir(dir) {
		i, ok := slices.BinarySearchFunc(u.members, dir, func(m *member, dir string) int { return strings.Compare(m.dir, dir) })
		if ok {
			return u.members[i]
		}
		if dir == "." {
			return nil
		}
	}
}

// isInfo reports whether f is the info.json of a recording.
func (u *run) isInfo(f folder.File) bool {
	m := u.of(f)
	return f.Base() == infojson.Name && m != nil && m.file.Name == f.Name
}

// stream returns the mapping of one stream of stamps.
func (u *run) stream(m *member) retime.Stream {
	u.asking.Lock()
	defer u.asking.Unlock()
	return retime.Stream{Retime: m.clock.New()}
}

// verdict is the error of a run whose every stamp is fine.
func (u *run) verdict() error {
	if len(u.refused) > 0 {
		return &retime.NoClockError{Causes: u.refused}
	}
	e := &retime.SenderError{}
	for _, m := range u.members {
		e.Stamps = append(e.Stamps, m.sender...)
		e.Total += m.senders
	}
	if e.Total > 0 && u.opt.SenderStamps == "" {
		return e
	}
	return nil
}
