package native

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/pieces"
	"github.com/pialign/pialign/formats/retime"
)

// scanned is what a scan found out about one file, and did.
type scanned struct {
	action   string
	rows     int
	spans    []retime.Span // by stamp of a record
	in, out  string        // digests; "" where that was not read or written
	before   content       // where a manifest lists files
	after    content       // likewise, of a file with times, where it was written
	warnings []string
}

// content is what a manifest says of a file.
type content struct {
	size int64
	crc  uint32
}

func (c *content) Write(p []byte) (int, error) {
	c.size += int64(len(p))
	c.crc = crc32.Update(c.crc, crc32.IEEETable, p)
	return len(p), nil
}

// scan reads and maps every stamp, and writes the files where there is a place for them. Files that hold no times
// come after those that do, since they may be large and give no reason to refuse; the manifests come last, since they
// are about the others.
func (u *run) scan() error {
	var times, rest, manifests []folder.File
	for _, f := range u.tree.Files {
		switch u.kind(f) {
		case infoFile, stamps, raw:
			times = append(times, f)
		case manifest:
			manifests = append(manifests, f)
		case crcFile: // with its manifest
		default:
			rest = append(rest, f)
		}
	}
	for _, files := range [][]folder.File{times, rest} {
		results, err := folder.EachBeside(&u.clocks, files, u.scanFile)
		if err != nil {
			return err
		}
		for i, f := range files {
			u.take(f, results[i])
		}
	}
	for _, f := range manifests {
		if err := u.renew(f); err != nil {
			return err
		}
	}
	return u.verdict()
}

// kind says what f is. A manifest is one only beside the files that it is about, its checksum only beside it.
func (u *run) kind(f folder.File) kind {
	k, m := kindOf(f.Base()), u.of(f)
	beside := m != nil && m.dir == f.Dir()
	switch {
	case k == infoFile && !u.isInfo(f), k == manifest && !beside:
		return plain
	case k == crcFile:
		if !beside || m.files[manifestName].Name == "" {
			return plain
		}
	}
	return k
}

// take enters the result for f.
func (u *run) take(f folder.File, s *scanned) {
	u.scanned[f.Name] = s
	m := u.of(f)
	for _, w := range s.warnings {
		if m != nil {
			m.warn("%s", w)
		} else {
			u.loose = append(u.loose, w)
		}
	}
}

func (u *run) scanFile(f folder.File) (*scanned, error) {
	in, err := folder.Open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s := &scanned{action: retime.Copied}
	k, m := u.kind(f), u.of(f)
	switch {
	case (k == stamps || k == raw) && m == nil && f.Size > 0:
		err = fmt.Errorf("%s: %w: it lies in no recording's folder; move it out", f.Path, ErrLayout)
	case k == infoFile:
		err = u.scanInfo(m, f, in, s)
	case k == stamps && m != nil:
		err = u.scanRecords(m, f, in, s, stampsOnly)
	case k == raw && m != nil:
		err = u.scanRaw(m, f, in, s)
	case k == plain:
		err = u.scanOther(f, in, s)
	default:
		err = u.copy(f, in, s)
	}
	if err == nil {
		err = in.Unchanged()
	}
	return s, in.Blame(err)
}

// copy copies f as it is, if it is to be written at all.
func (u *run) copy(f folder.File, in *folder.Input, s *scanned) (err error) {
	switch b := in.Whole(); {
	case !u.listed:
	case b != nil:
		_, _ = s.before.Write(b)
	case u.target.Nowhere(): // a Check refuses what Retime refuses
		_, err := pieces.Copy(u.ctx, &s.before, f.Path, in)
		return err
	default:
		in.See(&s.before)
	}
	s.out, err = u.target.Copy(u.ctx, f, in)
	s.in = s.out
	return err
}

// scanInfo maps the instants of info.json.
func (u *run) scanInfo(m *member, f folder.File, in *folder.Input, s *scanned) error {
	b, err := io.ReadAll(io.LimitReader(in, infojson.MaxSize+1))
	if err != nil {
		return err
	}
	if !bytes.Equal(b, m.info.Bytes) {
		return folder.Changed(f)
	}
	s.action, s.rows, s.in = retime.Retimed, 1, digest.Bytes(b, u.opt.SHA256)
	var hosts []int64
	for _, at := range m.info.Instants {
		if err := m.near(at.At); err != nil {
			return fmt.Errorf("%s: %s: %w", f.Path, at.Key, err)
		}
		stream := u.stream(m)
		host, blank, err := stream.Next(at.At)
		if blank {
			err = errBlank(at.At)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", f.Path, at.Key, err)
		}
		hosts = append(hosts, host)
		s.spans = append(s.spans, retime.Span{Column: at.Key, First: at.At, Last: at.At, Cells: 1})
	}
	lasted := int64(m.info.Duration)
	switch {
	case !u.opt.RecomputeDurations:
	case m.info.Lasted():
		if lasted, err = m.info.LastedBy(u.clocks.Retimer(m.clock)); err != nil {
			return fmt.Errorf("%s: duration: %w", f.Path, err)
		}
	default:
		s.warnings = append(s.warnings, f.Name+": "+infojson.NotLasted)
	}
	if u.listed {
		_, _ = s.before.Write(b)
	}
	return u.output(f, s, func(w io.Writer) error {
		if w == nil {
			return nil
		}
		_, err := w.Write(m.info.RetimedWith(hosts, lasted))
		return err
	})
}

// output is Target.Output for a file that manifest.json may list.
func (u *run) output(f folder.File, s *scanned, fill func(io.Writer) error) (err error) {
	s.out, err = u.target.Output(f, func(w io.Writer) error {
		if w == nil || !u.listed {
			return fill(w)
		}
		return fill(io.MultiWriter(w, &s.after))
	})
	return err
}

// scanRecords maps the stamps of a .time, or of records.
func (u *run) scanRecords(m *member, f folder.File, in *folder.Input, s *scanned, layout record) error {
	return u.scanStamps(m, f, in, s, layout.times, func(w io.Writer, r io.Reader, to *mapper) (int, error) {
		if layout.size == 8 && to.names == nil {
			return rewriteStamps(u.ctx, f.Path, layout.times[0].name, w, r, to.many)
		}
		return rewriteRecords(u.ctx, f.Path, layout, w, r, to.next)
	})
}

// scanPackets maps the stamps of packets of the IMU.
func (u *run) scanPackets(m *member, f folder.File, in *folder.Input, s *scanned) error {
	return u.scanStamps(m, f, in, s, []field{{packetStamp, 0}}, func(w io.Writer, r io.Reader, to *mapper) (int, error) {
		return rewritePackets(u.ctx, f.Path, w, r, to.next)
	})
}

func (u *run) scanStamps(m *member, f folder.File, in *folder.Input, s *scanned, fields []field, rewrite func(io.Writer, io.Reader, *mapper) (int, error)) error {
	s.action = retime.Retimed
	for _, field := range fields {
		s.spans = append(s.spans, retime.Span{Column: field.name})
	}
	to, err := u.mapping(m, f, s)
	if err != nil {
		return err
	}
	defer to.close()
	sum := digest.New(u.opt.SHA256)
	err = u.output(f, s, func(w io.Writer) (err error) {
		var see io.Writer = sum
		if u.listed {
			see = io.MultiWriter(sum, &s.before)
		}
		s.rows, err = rewrite(w, io.TeeReader(in, see), to)
		return err
	})
	s.in = sum.String()
	return err
}

// mapper answers for the stamps of one file.
type mapper struct {
	*run
	m        *member
	spans    []retime.Span
	streams  []retime.Stream    // by stamp of a record
	restarts []align.DeviceTime // ascending
	names    *names             // of the file of events, else nil
}

func (u *run) mapping(m *member, f folder.File, s *scanned) (*mapper, error) {
	p := &mapper{run: u, m: m, spans: s.spans, restarts: slices.Sorted(maps.Keys(m.restarts(f.Base())))}
	for i := range s.spans {
		p.streams = append(p.streams, p.begin(i))
	}
	var err error
	if f.Name == m.files[eventTimes].Name {
		p.names, err = m.names()
	}
	return p, err
}

// begin begins the mapping of one of the stamps of a record.
func (p *mapper) begin(i int) retime.Stream {
	s := p.stream(p.m)
	s.Pauses = &p.spans[i].Pauses
	return s
}

func (p *mapper) close() {
	if p.names != nil {
		p.names.close()
	}
}

// next is a mapping.
func (p *mapper) next(_, i int, at align.DeviceTime) (int64, bool, error) {
	sent := false
	if p.names != nil {
		name, _, err := p.names.next()
		if err != nil {
			return 0, false, err
		}
		if sent = p.m.senderWhy(at, name) != ""; sent && p.opt.SenderStamps != retime.SenderDevice {
			return 0, true, nil
		}
	}
	if !sent {
		if err := p.m.near(at); err != nil {
			return 0, false, err
		}
	}
	if p.restart(at, at) {
		if p.clocks.Steps() && len(p.streams) == 1 { // what the part before it told of a step holds for this one
			p.clocks.Settle()
		}
		p.streams[i] = p.begin(i)
	}
	host, blank, err := p.streams[i].Next(at)
	if blank {
		err = errBlank(at)
	}
	if err != nil {
		return 0, false, err
	}
	p.spans[i].Add(at)
	return host, false, nil
}

// restart reports whether the stream begins anew at a stamp from lo to hi.
func (p *mapper) restart(lo, hi align.DeviceTime) bool {
	if len(p.restarts) == 0 {
		return false
	}
	i, _ := slices.BinarySearch(p.restarts, lo)
	return i < len(p.restarts) && p.restarts[i] <= hi
}

// many is a manyMapping, and next one by one.
func (p *mapper) many(dst []int64, src []align.DeviceTime, lo, hi align.DeviceTime) (int, error) {
	if p.restart(lo, hi) || p.m.near(lo) != nil || p.m.near(hi) != nil {
		return p.oneByOne(dst, src)
	}
	n, blank, err := p.streams[0].Map(dst, src)
	if n < len(src) {
		for _, at := range src[:n] {
			p.spans[0].Add(at)
		}
		if blank {
			err = errBlank(src[n])
		}
		return n, err
	}
	p.spans[0].Join(retime.Span{First: lo, Last: hi, Cells: n})
	return n, nil
}

func (p *mapper) oneByOne(dst []int64, src []align.DeviceTime) (int, error) {
	for i, at := range src {
		host, _, err := p.next(0, 0, at)
		if err != nil {
			return i, err
		}
		dst[i] = host
	}
	return len(src), nil
}

func errBlank(at align.DeviceTime) error {
	return fmt.Errorf("device instant %d: %w, which these files have no way to say", int64(at), align.ErrBlank)
}
