package player

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// absoluteRange is the one key of export_info.csv whose value holds times: "A - B", in seconds since the start of the recording
// despite its name, or in Neon Player in UTC ns.
const absoluteRange = "Absolute Time Range"

// planExportInfo maps the value of that key.
func (m *mapper) planExportInfo(t *retime.Table) error {
	t.Plan = func([]string) (retime.Plan, error) {
		return retime.Plan{Times: m.times, Texts: []int{0}, Key: -1}, nil
	}
	t.Text = func(c *retime.Cell, dst, text []byte) ([]byte, error) {
		key := strings.TrimSuffix(strings.TrimSpace(string(c.Texts[0])), ":")
		switch {
		case strings.EqualFold(key, absoluteRange):
			return m.timeRange(c, dst, text)
		case strings.HasPrefix(strings.ToLower(key), "start time"):
			return dst, fmt.Errorf("%w: the value of %q may be a time, in a form that this version does not know", ErrFile, key)
		}
		return append(dst, text...), nil
	}
	return nil
}

func (m *mapper) timeRange(c *retime.Cell, dst, text []byte) ([]byte, error) {
	from, to, ok := bytes.Cut(text, []byte(" - "))
	if !ok {
		return dst, fmt.Errorf("%.60q: %w; expected two times with \" - \" between", text, retime.ErrDecimal)
	}
	for i, part := range [][]byte{from, to} {
		if i > 0 {
			dst = append(dst, " - "...)
		}
		var err error
		if dst, err = m.bound(c, dst, part); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// bound maps one end of the range.
func (m *mapper) bound(c *retime.Cell, dst, text []byte) ([]byte, error) {
	d, err := retime.ParseDecimal(text, 1)
	if err != nil || d.Places > 0 || d.Ns < int64(firstYear) { // seconds
		if m.g.info == nil {
			return dst, noStart()
		}
		return m.seconds(c, dst, text)
	}
	if m.measuring {
		return dst, nil
	}
	host, err := m.instant(m.g, align.DeviceTime(d.Ns), false, m.streams[c.Column], m.spans[c.Column])
	if err != nil {
		return dst, err
	}
	return d.Append(dst, host, 1, 0, 0), nil
}

// firstYear is 2017, before which there are no such glasses: ns below it are no instants of theirs.
const firstYear = align.DeviceTime(1_483_228_800_000_000_000)
