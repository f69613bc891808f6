package native

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// run is one Check or Retime.
type run struct {
	*Recording
	ctx     context.Context
	opt     retime.Options
	target  folder.Target // nowhere for a Check
	members []*member     // parallel to ones
	clocks  retime.Asking
	scanned map[string]*scanned
	listed  bool     // a manifest lists files with their sizes and checksums
	loose   []string // warnings that belong to no recording
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
	if opt.Format.Columnar() {
		return nil, fmt.Errorf("%s: %w, so that there is no table to write as %s; re-time it as it is, or take \"Timeseries Data\" of Pupil Cloud",
			r.root, ErrBinary, opt.Format)
	}
	u := &run{Recording: r, ctx: ctx, opt: opt, target: folder.Target{SHA256: opt.SHA256}, scanned: map[string]*scanned{}, clocks: retime.Asking{Clocks: clocks, Options: opt}}
	for _, o := range r.ones {
		m := &member{one: o, name: o.name(r)}
		m.Begin, m.Begun, m.last = o.info.Start, true, o.info.End()
		if m.last > m.Begin {
			m.End, m.Ended = m.last, true
		}
		if o.info.DeviceID == "" {
			m.warn("%s does not say which phone recorded it (no android_device_id)", o.file.Name)
		}
		m.clock = u.clocks.Clock(m.name, o.info.DeviceID, o.info.RecordingID)
		u.clocks.Begins(m.name, m.clock, m.Begin)
		u.members = append(u.members, m)
		u.listed = u.listed || m.files[manifestName].Name != ""
	}
	if err := u.clocks.Beyond(); err != nil {
		return nil, err
	}
	u.loose = r.tree.Interrupted()
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
	return u.clocks.Stream(m.clock)
}

// verdict is the error of a run whose every stamp is fine.
func (u *run) verdict() error {
	var sent retime.SenderError
	for _, m := range u.members {
		sent.Stamps = append(sent.Stamps, m.sender...)
		sent.Total += m.senders
	}
	return u.clocks.Verdict(sent)
}
