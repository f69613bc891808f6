package player

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

const npyMagic = "\x93NUMPY"

// npyHeader is what an array file says of its records.
type npyHeader struct {
	raw    []byte // everything before the first record
	size   int    // of a record
	at     int    // where in it the time stands, a double
	count  int
	column string
}

// maxNpyHeader is far above a real header of 128 bytes.
const maxNpyHeader = 64 << 10

// readNpy reads the header of a file of doubles, or of records with a double called timestamp.
// Source: numpy.lib.format, versions 1 to 3.
func readNpy(r io.Reader) (*npyHeader, error) {
	raw := make([]byte, 8)
	if _, err := io.ReadFull(r, raw); err != nil || string(raw[:6]) != npyMagic {
		return nil, fmt.Errorf("%w: it does not begin as a NumPy array", ErrFile)
	}
	length := 2
	if raw[6] > 1 {
		length = 4
	}
	if raw[6] < 1 || raw[6] > 3 {
		return nil, fmt.Errorf("%w: version %d of the NumPy format", ErrFile, raw[6])
	}
	b := make([]byte, 4)
	if _, err := io.ReadFull(r, b[:length]); err != nil {
		return nil, fmt.Errorf("%w: its header is cut off", ErrFile)
	}
	n := binary.LittleEndian.Uint32(b)
	if n > maxNpyHeader {
		return nil, fmt.Errorf("%w: a header of %d bytes", ErrFile, n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("%w: its header is cut off", ErrFile)
	}
	h := &npyHeader{raw: bytes.Join([][]byte{raw, b[:length], text}, nil)}
	return h, h.parse(string(text))
}

var (
	npyDescr = regexp.MustCompile(`^\{\s*'descr':\s*('[^']*'|\[[^\]]*\]),\s*'fortran_order':\s*(?:True|False),\s*'shape':\s*\((\d{1,15}),\),?\s*\}\s*$`)
	npyField = regexp.MustCompile(`^\(\s*'([A-Za-z_]\w*)',\s*'([<|]?)([a-z])([0-9]{1,2})'\s*\)$`)
)

func (h *npyHeader) parse(text string) error {
	m := npyDescr.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%w: expected one row of doubles, its header says %.120q", ErrFile, text)
	}
	h.count, _ = strconv.Atoi(m[2])
	if m[1] == "'<f8'" {
		h.size, h.column = 8, "float64"
		return nil
	}
	fields, ok := strings.CutPrefix(m[1], "[")
	if !ok {
		return fmt.Errorf("%w: it holds %s, expected '<f8'", ErrFile, m[1])
	}
	h.at = -1
	fields = strings.TrimSpace(strings.TrimSuffix(fields, "]"))
	for i, field := range strings.Split(fields, "), ") {
		if !strings.HasSuffix(field, ")") {
			field += ")"
		}
		p := npyField.FindStringSubmatch(field)
		if p == nil {
			return fmt.Errorf("%w: field %d is %.60q", ErrFile, i+1, field)
		}
		size, _ := strconv.Atoi(p[4])
		if p[1] == "timestamp" {
			if p[2]+p[3]+p[4] != "<f8" || h.at >= 0 {
				return fmt.Errorf("%w: field timestamp is %s%s%s, expected one '<f8'", ErrFile, p[2], p[3], p[4])
			}
			h.at = h.size
		} else if strings.Contains(p[1], "time") {
			return fmt.Errorf("%w: field %q may hold times", ErrFile, p[1])
		}
		h.size += size
	}
	if h.column = "timestamp"; h.at < 0 || h.size == 0 {
		return fmt.Errorf("%w: no field is called timestamp", ErrFile)
	}
	return nil
}

// npy re-times an array of seconds since the start. The stamps of events follow those of event.time.
func (u *run) npy(f folder.File, g *group, w io.Writer, r io.Reader, s *scanned) error {
	h, err := readNpy(r)
	if err != nil {
		return err
	}
	if w != nil {
		if _, err := w.Write(h.raw); err != nil {
			return err
		}
	}
	rel := u.relative(g, s.span(h.column))
	events := f.Base() == "event_timestamps.npy"
	s.rows, err = eachRecord(u.ctx, w, r, h.size, func(n int, b []byte) error {
		b = b[h.at : h.at+8]
		v := math.Float64frombits(binary.LittleEndian.Uint64(b))
		var now float64
		var err error
		if events {
			now, err = u.eventSecond(rel, v)
		} else {
			now, err = rel.double(v)
		}
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(b, math.Float64bits(now))
		return nil
	})
	if err == nil && s.rows != h.count {
		err = fmt.Errorf("%w: %d records, its header says %d (cut off)", ErrFile, s.rows, h.count)
	}
	return err
}

// eventSecond is double for the stamp of an event, which its sender may have written.
func (u *run) eventSecond(r *relative, v float64) (float64, error) {
	ns, err := wholeNs(v)
	if err != nil {
		return 0, err
	}
	at := align.DeviceTime(int64(r.g.info.Start) + ns)
	if r.g.senderWhy(at, "", "") == "" || u.opt.SenderStamps == retime.SenderDevice {
		return r.double(v)
	}
	now, err := r.since(int64(at)) // on the host's clock already, and counted from another start
	if err != nil || now == ns {
		return v, err
	}
	return retime.NearestDouble(now), nil
}
