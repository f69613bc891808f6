package folder

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// localSize is the least that stands before an entry, beside its name.
const localSize = 30

// encrypted are the flags of what needs a password. Source: APPNOTE.TXT 4.4.4.
const encrypted = 1 | 1<<6 | 1<<13

// checkLocal compares the header at from, before the bytes of e at that place, with what the directory says of e.
// Programs go by one or the other, and would unpack different things where they differ. Source: APPNOTE.TXT 4.3.7.
func checkLocal(r io.ReaderAt, from, at int64, e *zip.File) error {
	var fixed [localSize]byte
	b, le := fixed[:], binary.LittleEndian
	if _, err := r.ReadAt(b, from); err != nil {
		return damaged(err)
	}
	if string(b[:4]) != "PK\x03\x04" || from+localSize+int64(le.Uint16(b[26:]))+int64(le.Uint16(b[28:])) != at {
		return fmt.Errorf("%w: damaged, no header before its bytes; download it again", ErrZip)
	}
	flags, method, crc := le.Uint16(b[6:]), le.Uint16(b[8:]), le.Uint32(b[14:])
	zips, size := uint64(le.Uint32(b[18:])), uint64(le.Uint32(b[22:]))
	rest := make([]byte, int(le.Uint16(b[26:]))+int(le.Uint16(b[28:])))
	if _, err := r.ReadAt(rest, from+localSize); err != nil {
		return damaged(err)
	}
	name, extra := string(rest[:le.Uint16(b[26:])]), rest[le.Uint16(b[26:]):]
	differs := func(what string, here, there any) error {
		return fmt.Errorf("%w: the header before its bytes says %s %v and the directory %v, so that programs unpack different things; download it again", ErrZip, what, here, there)
	}
	switch {
	case name != e.Name:
		return differs("name", fmt.Sprintf("%.200q", name), fmt.Sprintf("%.200q", e.Name))
	case flags&encrypted != e.Flags&encrypted:
		return differs("encrypted", flags&encrypted != 0, e.Flags&encrypted != 0)
	case method != e.Method:
		return differs("method", method, e.Method)
	}
	wide(extra, &size, &zips)
	if flags&descriptor != 0 { // checksum and sizes stand behind the bytes; where they stand here too, they are what these are
		crc, zips, size = cmp.Or(crc, e.CRC32), cmp.Or(zips, e.CompressedSize64), cmp.Or(size, e.UncompressedSize64)
		if err := checkDescriptor(r, at+int64(e.CompressedSize64), e); err != nil {
			return err
		}
	}
	switch {
	case crc != e.CRC32:
		return differs("checksum", fmt.Sprintf("%08x", crc), fmt.Sprintf("%08x", e.CRC32))
	case zips != e.CompressedSize64:
		return differs("packed size", zips, e.CompressedSize64)
	case size != e.UncompressedSize64:
		return differs("size", size, e.UncompressedSize64)
	}
	return nil
}

// checkDescriptor compares what stands behind the bytes of e, at that place, with what the directory says of e. It has a signature or none, and
// sizes of 32 bits or of 64. Where the next header follows at once there is none, which does no harm. Source: APPNOTE.TXT 4.3.9.
func checkDescriptor(r io.ReaderAt, at int64, e *zip.File) error {
	if strings.HasSuffix(e.Name, "/") {
		return nil
	}
	b := make([]byte, 24)
	n, err := r.ReadAt(b, at)
	if err != nil && (err != io.EOF || n < 12) {
		return damaged(err)
	}
	rest, signed := bytes.CutPrefix(b[:n], []byte("PK\x07\x08"))
	if !signed && (string(b[:4]) == "PK\x03\x04" || string(b[:4]) == "PK\x01\x02") {
		return nil
	}
	le := binary.LittleEndian
	says := func(b []byte) bool { // the signature may as well be the checksum
		if len(b) < 12 || le.Uint32(b) != e.CRC32 {
			return false
		}
		narrow := uint64(le.Uint32(b[4:])) == e.CompressedSize64 && uint64(le.Uint32(b[8:])) == e.UncompressedSize64
		return narrow || len(b) >= 20 && le.Uint64(b[4:]) == e.CompressedSize64 && le.Uint64(b[12:]) == e.UncompressedSize64
	}
	if signed && says(rest) || says(b[:n]) {
		return nil
	}
	return fmt.Errorf("%w: checksum or sizes behind its bytes differ from those of the directory, so that programs unpack different things; download it again", ErrZip)
}

// wide takes those of the numbers that need more than 32 bits, and say so, from the extra field of zip64, which has them
// in this order. Without one they stay. Source: APPNOTE.TXT 4.5.3.
func wide(extra []byte, numbers ...*uint64) {
	for le := binary.LittleEndian; len(extra) >= 4; {
		n := 4 + int(le.Uint16(extra[2:]))
		if n > len(extra) {
			return
		}
		field := extra[4:n]
		if le.Uint16(extra) != zip64ID {
			extra = extra[n:]
			continue
		}
		for _, number := range numbers {
			if *number == math.MaxUint32 && len(field) >= 8 {
				*number, field = le.Uint64(field), field[8:]
			}
		}
		return
	}
}
