package native

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// maxManifest is far above a real manifest.json of two kilobytes.
const maxManifest = 16 << 20

// listed is one entry of manifest.json, and where its numbers stand.
type listed struct {
	name    string
	content content
	size    span
	crc     span // within its quotes
	crcText string
}

type span struct{ from, to int }

// parseManifest reads the list of {"name","size","crc"} that the phone writes. Other keys are passed over.
func parseManifest(b []byte) ([]listed, error) {
	bad := func(format string, args ...any) ([]listed, error) {
		return nil, fmt.Errorf("not a manifest as the phone writes it: %s", fmt.Sprintf(format, args...))
	}
	if !json.Valid(b) {
		return bad("%s", infojson.NotJSON(b))
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return bad("expected a list")
	}
	var all []listed
	names := map[string]bool{}
	for d.More() {
		if t, err := d.Token(); err != nil || t != json.Delim('{') {
			return bad("entry %d: expected an object", len(all)+1)
		}
		var e listed
		seen := map[string]bool{}
		for d.More() {
			t, err := d.Token()
			if err != nil {
				return nil, err
			}
			key, _ := t.(string)
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return nil, err
			}
			end := int(d.InputOffset())
			at := span{end - len(raw), end}
			if !bytes.Equal(b[at.from:at.to], raw) {
				return bad("entry %d: %q not found again", len(all)+1, key)
			}
			switch key {
			case "name":
				err = json.Unmarshal(raw, &e.name)
			case "size":
				e.size = at
				if e.content.size, err = strconv.ParseInt(string(raw), 10, 64); err == nil && e.content.size < 0 {
					err = errors.New("negative")
				}
			case "crc":
				var v uint64
				text := strings.Trim(string(raw), `"`)
				v, err = strconv.ParseUint(text, 16, 32)
				if len(text)+2 != len(raw) {
					err = errors.New("not a string")
				}
				e.crc, e.crcText, e.content.crc = span{at.from + 1, at.to - 1}, text, uint32(v)
			default:
				continue
			}
			if err != nil || seen[key] {
				return bad("entry %d: %q is %.40s", len(all)+1, key, raw)
			}
			seen[key] = true
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		if !seen["name"] || !seen["size"] || !seen["crc"] || names[e.name] {
			return bad(`entry %d: expected "name", "size" and "crc", each name once`, len(all)+1)
		}
		names[e.name] = true
		all = append(all, e)
	}
	return all, nil
}

// hasZeros reports whether checksums are written with leading zeros, to eight digits. Neon writes none.
func hasZeros(all []listed) bool {
	return slices.ContainsFunc(all, func(e listed) bool { return e.crcText[0] == '0' && len(e.crcText) > 1 })
}

// renewManifest returns the bytes with the sizes and checksums of the files that changed. What did not change keeps
// its spelling.
func renewManifest(b []byte, all []listed, after map[string]content) []byte {
	padded := hasZeros(all)
	var out []byte
	from := 0
	put := func(at span, text string) {
		out = append(append(out, b[from:at.from]...), text...)
		from = at.to
	}
	for _, e := range all {
		now, ok := after[e.name]
		if !ok {
			continue
		}
		size := func() {
			if now.size != e.content.size {
				put(e.size, strconv.FormatInt(now.size, 10))
			}
		}
		crc := func() {
			if now.crc != e.content.crc {
				put(e.crc, crcHex(now.crc, padded))
			}
		}
		if e.size.from < e.crc.from {
			size()
			crc()
		} else {
			crc()
			size()
		}
	}
	return append(out, b[from:]...)
}

func crcHex(crc uint32, padded bool) string {
	if padded {
		return fmt.Sprintf("%08x", crc)
	}
	return strconv.FormatUint(uint64(crc), 16)
}

// renew writes manifest.json and its checksum anew. A file that is not as the manifest says is refused: it is damaged, and
// of one with times new checksums would hide that.
func (u *run) renew(f folder.File) error {
	m := u.of(f)
	b, err := u.readWhole(f, maxManifest)
	if err != nil {
		return err
	}
	all, err := parseManifest(b)
	if err != nil {
		return fmt.Errorf("%s: %w; copy the recording from the phone again, or, to do without it, move it and its .crc out of the folder", f.Path, err)
	}
	after := map[string]content{}
	var missing []string
	for _, e := range all {
		other, ok := m.files[strings.ToLower(e.name)]
		if !ok || path.Base(other.Name) != e.name {
			missing = append(missing, e.name)
			continue
		}
		s := u.scanned[other.Name]
		switch {
		case s == nil: // itself
		case s.before != e.content:
			return fmt.Errorf("%s: %w: it has %d bytes and checksum %x, where that says %d and %x: damaged, or changed since the phone wrote it; "+
				"copy the recording from the phone again, or, if it is meant to be so, move manifest.json and its .crc out of the folder",
				other.Path, ErrManifest, s.before.size, s.before.crc, e.content.size, e.content.crc)
		case s.action == retime.Retimed:
			after[e.name] = s.after
		}
	}
	if n := len(missing); n > 0 {
		m.warn("%s lists %d files that are not here (%s); it goes on listing them", f.Name, n, strings.Join(missing[:min(n, 3)], ", "))
	}
	now := b
	if !u.target.Nowhere() {
		now = renewManifest(b, all, after)
	}
	if err := u.rewritten(f, b, now); err != nil {
		return err
	}
	c, ok := m.files[crcName]
	if !ok {
		return nil
	}
	return u.renewCRC(c, b, now, hasZeros(all))
}

// renewCRC writes manifest.json.crc anew: the checksum of manifest.json in hex.
func (u *run) renewCRC(f folder.File, before, now []byte, padded bool) error {
	const most = 1 << 10
	b, err := u.readWhole(f, most)
	if err != nil {
		return err
	}
	text := bytes.TrimSpace(b)
	old, err := strconv.ParseUint(string(text), 16, 32)
	if err != nil || uint32(old) != crc32.ChecksumIEEE(before) {
		return fmt.Errorf("%s: %w: it says %.40q, and that has %x: one of them is damaged, or changed since the phone wrote it; "+
			"copy the recording from the phone again, or move both out of the folder", f.Path, ErrManifest, text, crc32.ChecksumIEEE(before))
	}
	renewed := b
	if crc := crc32.ChecksumIEEE(now); crc != uint32(old) {
		renewed = bytes.Replace(b, text, []byte(crcHex(crc, padded)), 1)
	}
	return u.rewritten(f, b, renewed)
}

// readWhole reads a small file that must be as it was.
func (u *run) readWhole(f folder.File, limit int64) ([]byte, error) {
	in, err := folder.Open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := folder.Small(f, limit)
	if err != nil {
		return nil, err
	}
	return b, in.Unchanged()
}

// rewritten writes what a small file became.
func (u *run) rewritten(f folder.File, before, now []byte) (err error) {
	s := &scanned{action: retime.Renewed, in: digest.Bytes(before, u.opt.SHA256)}
	s.out, err = u.target.Output(f, func(w io.Writer) error {
		if w == nil {
			return nil
		}
		_, err := w.Write(now)
		return err
	})
	u.take(f, s)
	return err
}
