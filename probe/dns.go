package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// The parts of DNS that finding a phone takes: RFC 1035, RFC 6762. Unlike the libraries this reader lets one record
// that it cannot read spoil no other, and takes dots within labels, since people give phones such names.

const (
	typeA    = 1
	typePTR  = 12
	typeAAAA = 28
	typeSRV  = 33

	classINET = 1
)

// name is a domain name: its labels as they are, of any bytes.
type name []string

// String returns n with dots between labels, and dots and backslashes within them escaped.
func (n name) String() string {
	escaped := make([]string, len(n))
	for i, l := range n {
		escaped[i] = strings.NewReplacer(`\`, `\\`, `.`, `\.`).Replace(l)
	}
	return strings.Join(escaped, ".")
}

// key returns what names that are equal have in common: DNS does not tell ASCII capitals from small letters.
func (n name) key() string {
	b := []byte(n.String())
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// record is a resource record of a kind that matters here.
type record struct {
	owner  name
	kind   uint16
	ttl    uint32     // 0: it no longer holds
	target name       // of PTR and SRV
	port   uint16     // of SRV
	addr   netip.Addr // of A and AAAA
}

var errDNS = errors.New("not a DNS answer")

// maxRecords bounds what one packet can make us keep. A phone sends about five.
const maxRecords = 256

// parseAnswer returns the records of an mDNS answer, from all its sections. Records that it cannot read, or has no use
// for, are left out; where one is so broken that the next cannot be found, the rest is.
func parseAnswer(msg []byte) ([]record, error) {
	if len(msg) < 12 {
		return nil, fmt.Errorf("%w: %d bytes", errDNS, len(msg))
	}
	if flags := binary.BigEndian.Uint16(msg[2:]); flags>>15 != 1 || flags>>11&15 != 0 {
		return nil, fmt.Errorf("%w: flags %04x", errDNS, flags)
	}
	questions := int(binary.BigEndian.Uint16(msg[4:]))
	count := 0
	for i := 6; i < 12; i += 2 {
		count += int(binary.BigEndian.Uint16(msg[i:]))
	}
	at := 12
	for range questions {
		_, next, ok := readName(msg, at)
		if at = next + 4; !ok || at > len(msg) {
			return nil, fmt.Errorf("%w: a broken question", errDNS)
		}
	}
	var out []record
	for range count {
		r, next, ok := readRecord(msg, at)
		if next < 0 || len(out) == maxRecords {
			break
		}
		if ok {
			out = append(out, r)
		}
		at = next
	}
	return out, nil
}

// readRecord reads the record at the offset at. next is that of the one behind it, -1 if it cannot be told.
func readRecord(msg []byte, at int) (r record, next int, ok bool) {
	owner, at, ok := readName(msg, at)
	if !ok || at+10 > len(msg) {
		return record{}, -1, false
	}
	r.owner, r.kind = owner, binary.BigEndian.Uint16(msg[at:])
	class := binary.BigEndian.Uint16(msg[at+2:]) &^ (1 << 15) // the top bit says "flush": RFC 6762 section 10.2
	r.ttl = binary.BigEndian.Uint32(msg[at+4:])
	size := int(binary.BigEndian.Uint16(msg[at+8:]))
	at += 10
	if next = at + size; next > len(msg) {
		return record{}, -1, false
	}
	data := msg[at:next]
	switch {
	case class != classINET:
		ok = false
	case r.kind == typePTR:
		r.target, ok = nameWithin(msg, at, next)
	case r.kind == typeSRV:
		if ok = size > 6; ok {
			r.port = binary.BigEndian.Uint16(data[4:])
			r.target, ok = nameWithin(msg, at+6, next)
		}
	case r.kind == typeA && size == 4, r.kind == typeAAAA && size == 16:
		r.addr, ok = netip.AddrFromSlice(data)
		r.addr = r.addr.Unmap()
	default:
		ok = false
	}
	return r, next, ok
}

// nameWithin reads a name that fills msg[at:end].
func nameWithin(msg []byte, at, end int) (name, bool) {
	n, next, ok := readName(msg, at)
	return n, ok && next == end
}

// readName reads the name at the offset at, following compression. Pointers must lead backwards and a name holds at
// most 255 bytes, so this ends: RFC 1035 sections 2.3.4 and 4.1.4.
func readName(msg []byte, at int) (n name, next int, ok bool) {
	next = -1
	total, floor := 1, at
	for {
		if at >= len(msg) {
			return nil, -1, false
		}
		size := int(msg[at])
		switch size >> 6 {
		case 0:
			at++
			if size == 0 {
				if next < 0 {
					next = at
				}
				return n, next, true
			}
			if total += size + 1; at+size > len(msg) || total > 255 {
				return nil, -1, false
			}
			n = append(n, string(msg[at:at+size]))
			at += size
		case 3:
			if at+2 > len(msg) {
				return nil, -1, false
			}
			to := int(binary.BigEndian.Uint16(msg[at:]) &^ (3 << 14))
			if next < 0 {
				next = at + 2
			}
			if to >= floor {
				return nil, -1, false
			}
			at, floor = to, to
		default:
			return nil, -1, false
		}
	}
}

// question asks for the records of one kind that a name has.
type question struct {
	name name
	kind uint16
}

// buildQuery returns the message that asks questions, which must hold names that readName gave or of like size.
func buildQuery(questions []question) []byte {
	b := make([]byte, 12, 64)
	binary.BigEndian.PutUint16(b[4:], uint16(len(questions)))
	for _, q := range questions {
		for _, label := range q.name {
			b = append(append(b, byte(len(label))), label...)
		}
		b = append(b, 0)
		b = binary.BigEndian.AppendUint16(b, q.kind)
		b = binary.BigEndian.AppendUint16(b, classINET)
	}
	return b
}
