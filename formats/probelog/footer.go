package probelog

import (
	"encoding/binary"
	"errors"
)

// What a footer may have. A probe log of ours has 15 schema elements and a row group for 262144 rows.
const (
	maxFooter   = 1 << 23 // a status of the phone can have 1 MB, and other writers double it
	maxElements = 1 << 17 // of all lists in it
	maxColumns  = 1 << 10
	maxDepth    = 12
)

const parquetMagic = "PAR1"

// checkFooter makes sure that the library can parse the footer of b without asking for more memory than the
// file's size warrants: it would believe a list that states two billion elements.
func checkFooter(b []byte) error {
	const tail = 4 + len(parquetMagic)
	if len(b) < len(parquetMagic)+tail {
		return damaged("the file ends after %d bytes", len(b))
	}
	if string(b[len(b)-len(parquetMagic):]) != parquetMagic {
		return damaged("the file does not end as Parquet does: it was cut or is still being copied")
	}
	size := int64(binary.LittleEndian.Uint32(b[len(b)-tail:]))
	if size > maxFooter || size > int64(len(b)-len(parquetMagic)-tail) {
		return damaged("a footer of %d bytes", size)
	}
	t := thrift{b: b[len(b)-tail-int(size) : len(b)-tail], elements: maxElements}
	err := t.structure(0, func(id int16, typ byte, value int64) error {
		if id == 2 && typ == thriftList && value > maxColumns { // the schema
			return errors.New("too many columns")
		}
		return nil
	})
	if err != nil {
		return damaged("footer: %w", err)
	}
	return nil
}

// thrift walks over values in Thrift's compact protocol. It keeps nothing.
// Source: github.com/apache/thrift, doc/specs/thrift-compact-protocol.md.
type thrift struct {
	b        []byte // what is left
	elements int    // how many more elements lists may have in all
}

// The types of the compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

var errThrift = errors.New("not valid Thrift")

// structure walks over a struct. see is told each field before its content is walked over: an integer's value, a
// bool's as 0 or 1, a list's length; for a struct it may walk over the content itself by returning errTaken.
func (t *thrift) structure(depth int, see func(id int16, typ byte, value int64) error) error {
	if depth > maxDepth {
		return errThrift
	}
	id := int64(0)
	for {
		head, ok := t.byte()
		if !ok {
			return errThrift
		}
		typ := head & 0x0f
		if typ == 0 {
			return nil
		}
		if delta := head >> 4; delta != 0 {
			id += int64(delta)
		} else if id, ok = t.zigzag(); !ok {
			return errThrift
		}
		if id < -1<<15 || id > 1<<15-1 {
			return errThrift
		}
		var value int64
		switch typ {
		case thriftTrue:
			value = 1
		case thriftI16, thriftI32, thriftI64:
			if value, ok = t.zigzag(); !ok {
				return errThrift
			}
		case thriftList, thriftSet:
			if n, _, ok := t.peekList(); ok {
				value = int64(n)
			}
		}
		err := see(int16(id), typ, value)
		switch {
		case errors.Is(err, errTaken):
			continue
		case err != nil:
			return err
		}
		switch typ {
		case thriftTrue, thriftFalse, thriftI16, thriftI32, thriftI64:
		default:
			if err := t.skip(typ, depth+1); err != nil {
				return err
			}
		}
	}
}

var errTaken = errors.New("taken")

func ignore(int16, byte, int64) error { return nil }

// skip walks over a value.
func (t *thrift) skip(typ byte, depth int) error {
	ok := false
	switch typ {
	case thriftTrue, thriftFalse, thriftByte: // a bool in a list is a byte
		_, ok = t.byte()
	case thriftI16, thriftI32, thriftI64:
		_, ok = t.zigzag()
	case thriftDouble:
		ok = t.drop(8)
	case thriftBinary:
		var n uint64
		if n, ok = t.varint(); ok {
			ok = t.drop(n)
		}
	case thriftStruct:
		return t.structure(depth, ignore)
	case thriftList, thriftSet:
		n, elem, read := t.peekList()
		if !read || depth > maxDepth {
			return errThrift
		}
		t.list()
		return t.skipAll(n, depth, elem)
	case thriftMap:
		n, read := t.varint()
		if !read || depth > maxDepth {
			return errThrift
		}
		if n == 0 {
			return nil
		}
		types, read := t.byte()
		if !read {
			return errThrift
		}
		return t.skipAll(n, depth, types>>4, types&0x0f)
	}
	if !ok {
		return errThrift
	}
	return nil
}

func (t *thrift) skipAll(n uint64, depth int, types ...byte) error {
	if n > uint64(t.elements) || n > uint64(len(t.b)) { // every element takes a byte or more
		return errThrift
	}
	t.elements -= int(n)
	for range n {
		for _, typ := range types {
			if err := t.skip(typ, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// peekList returns the length and the element type of the list that begins here.
func (t *thrift) peekList() (n uint64, elem byte, ok bool) {
	ahead := *t
	return ahead.list()
}

func (t *thrift) list() (n uint64, elem byte, ok bool) {
	head, ok := t.byte()
	if !ok {
		return 0, 0, false
	}
	n = uint64(head >> 4)
	if n == 15 {
		if n, ok = t.varint(); !ok {
			return 0, 0, false
		}
	}
	if n > 1<<31-1 {
		return 0, 0, false
	}
	return n, head & 0x0f, true
}

func (t *thrift) byte() (byte, bool) {
	if len(t.b) == 0 {
		return 0, false
	}
	c := t.b[0]
	t.b = t.b[1:]
	return c, true
}

func (t *thrift) drop(n uint64) bool {
	if n > uint64(len(t.b)) {
		return false
	}
	t.b = t.b[n:]
	return true
}

func (t *thrift) varint() (uint64, bool) {
	v, n := binary.Uvarint(t.b)
	if n <= 0 {
		return 0, false
	}
	t.b = t.b[n:]
	return v, true
}

func (t *thrift) zigzag() (int64, bool) {
	u, ok := t.varint()
	return int64(u>>1) ^ -int64(u&1), ok
}
