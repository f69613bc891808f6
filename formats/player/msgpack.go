package player

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// pack is a piece of msgpack in memory, and a place in it. Source: the specification of msgpack.
type pack struct {
	b  []byte
	at int
}

// maxPackDepth bounds maps in maps; real ones have two.
const maxPackDepth = 16

func (p *pack) need(n int) error {
	if n < 0 || len(p.b)-p.at < n {
		return fmt.Errorf("%w: cut off within a value", ErrFile)
	}
	return nil
}

// uint reads a big-endian number of n bytes.
func (p *pack) uint(n int) (int, error) {
	if err := p.need(n); err != nil {
		return 0, err
	}
	var v uint64
	for _, c := range p.b[p.at : p.at+n] {
		v = v<<8 | uint64(c)
	}
	p.at += n
	if v > math.MaxInt32 {
		return 0, fmt.Errorf("%w: a length of %d", ErrFile, v)
	}
	return int(v), nil
}

// next reads the type of a value. size is its length, for maps and arrays the number of elements.
func (p *pack) next() (code byte, size int, err error) {
	if err := p.need(1); err != nil {
		return 0, 0, err
	}
	code = p.b[p.at]
	p.at++
	length := func(bytes int, as byte) (byte, int, error) {
		n, err := p.uint(bytes)
		return as, n, err
	}
	switch {
	case code < 0x80, code >= 0xe0:
		return 'i', 0, nil
	case code < 0x90:
		return 'm', int(code & 15), nil
	case code < 0xa0:
		return 'a', int(code & 15), nil
	case code < 0xc0:
		return 's', int(code & 31), nil
	}
	switch code {
	case 0xc0, 0xc2, 0xc3:
		return 'n', 0, nil
	case 0xc4, 0xc5, 0xc6:
		return length(1<<(code-0xc4), 'b')
	case 0xca:
		return 'f', 4, nil
	case 0xcb:
		return 'd', 8, nil
	case 0xcc, 0xcd, 0xce, 0xcf:
		return 'i', 1 << (code - 0xcc), nil
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return 'i', 1 << (code - 0xd0), nil
	case 0xd9, 0xda, 0xdb:
		return length(1<<(code-0xd9), 's')
	case 0xdc, 0xdd:
		return length(2<<(code-0xdc), 'a')
	case 0xde, 0xdf:
		return length(2<<(code-0xde), 'm')
	}
	return 0, 0, fmt.Errorf("%w: a value of kind %#x", ErrFile, code) // an extension: another value packed into it
}

// stamps are the keys of doubles that are times since the start of the recording.
var stamps = []string{"timestamp", "start_timestamp", "end_timestamp"}

// walk goes through one value. edit changes each time in it. A key that sounds like a time and is none of stamps, or no double,
// is ErrFile, and so is base_data with anything in it: it repeats other data, with times in lists that have no names.
func (p *pack) walk(depth int, edit func([]byte) error) error {
	if depth > maxPackDepth {
		return fmt.Errorf("%w: more than %d levels deep", ErrFile, maxPackDepth)
	}
	kind, n, err := p.next()
	if err != nil {
		return err
	}
	switch kind {
	case 'a':
		for range n {
			if err := p.walk(depth+1, edit); err != nil {
				return err
			}
		}
		return nil
	case 'm':
		for range n {
			if err := p.pair(depth, edit); err != nil {
				return err
			}
		}
		return nil
	}
	if err := p.need(n); err != nil {
		return err
	}
	p.at += n
	return nil
}

// pair goes through a key and its value.
func (p *pack) pair(depth int, edit func([]byte) error) error {
	kind, n, err := p.next()
	if err != nil {
		return err
	}
	if err := p.need(n); err != nil {
		return err
	}
	if kind != 's' {
		return fmt.Errorf("%w: a map with a key that is no text", ErrFile)
	}
	key := string(p.b[p.at : p.at+n])
	p.at += n
	low := strings.ToLower(key)
	switch {
	case slices.Contains(stamps, key):
		kind, n, err := p.next()
		switch {
		case err != nil:
			return err
		case kind == 'n' && p.b[p.at-1] == 0xc0:
			return nil
		case kind != 'd':
			return fmt.Errorf("%w: %q is no double", ErrFile, key)
		}
		if err := p.need(n); err != nil {
			return err
		}
		p.at += n
		return edit(p.b[p.at-n : p.at])
	case key == "base_data":
		kind, n, err := p.next()
		if err == nil && (kind != 'a' || n > 0) && kind != 'n' {
			err = fmt.Errorf("%w: \"base_data\" holds times in lists without names", ErrFile)
		}
		return err
	case strings.Contains(low, "stamp") || strings.Contains(low, "time"):
		return fmt.Errorf("%w: %.60q may be a time, and is none that this version knows", ErrFile, key)
	}
	return p.walk(depth+1, edit)
}

// double edits eight bytes of a big-endian double.
func double(b []byte, edit func(float64) (float64, error)) error {
	v, err := edit(math.Float64frombits(binary.BigEndian.Uint64(b)))
	if err != nil {
		return err
	}
	binary.BigEndian.PutUint64(b, math.Float64bits(v))
	return nil
}
