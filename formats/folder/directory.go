package folder

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Limits of a zip's directory: those of a folder, where each file may have a folder of its own.
const (
	maxEntries   = 2 * maxFiles
	maxDirectory = 128 << 20
)

// The records at the end of a zip. Source: APPNOTE.TXT 6.3.10 sections 4.3.12 to 4.3.16.
const (
	headerSize = 46
	endSize    = 22
	end64Size  = 56
	locSize    = 20
	maxComment = math.MaxUint16
)

var errCutOff = fmt.Errorf("%w: its directory is missing or cut off; download it again, to the end", ErrZip)

// checkDirectory reads the directory of a zip of that size without keeping more of it than where the entries begin: it
// must lie directly before the end of the file and have as many entries as the end says, so that archive/zip sees the
// same and needs no more memory than was agreed to.
func checkDirectory(r io.ReaderAt, size int64) (begins []int64, first int64, err error) {
	tail := make([]byte, min(size, endSize+maxComment))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, 0, err
	}
	at := bytes.LastIndex(tail[:max(0, len(tail)-endSize+4)], []byte("PK\x05\x06"))
	if at < 0 {
		return nil, 0, errCutOff
	}
	b, le := tail[at:], binary.LittleEndian
	if len(b) != endSize+int(le.Uint16(b[20:])) {
		return nil, 0, fmt.Errorf("%w: there are bytes after its end, or its end is cut off; download it again", ErrZip)
	}
	end := size - int64(len(b))
	disks := le.Uint32(b[4:]) != 0
	count, length, start := uint64(le.Uint16(b[10:])), uint64(le.Uint32(b[12:])), uint64(le.Uint32(b[16:]))
	if count == math.MaxUint16 || length == math.MaxUint32 || start == math.MaxUint32 {
		b = make([]byte, locSize)
		if end < locSize+end64Size {
			return nil, 0, errCutOff
		}
		if _, err := r.ReadAt(b, end-locSize); err != nil {
			return nil, 0, err
		}
		if string(b[:4]) == "PK\x06\x07" {
			disks = disks || le.Uint32(b[4:]) != 0 || le.Uint32(b[16:]) > 1
			at := le.Uint64(b[8:])
			if at > uint64(end-locSize-end64Size) {
				return nil, 0, errCutOff
			}
			end = int64(at)
			b = make([]byte, end64Size)
			if _, err := r.ReadAt(b, end); err != nil {
				return nil, 0, err
			}
			if string(b[:4]) != "PK\x06\x06" {
				return nil, 0, errCutOff
			}
			disks = disks || le.Uint64(b[16:]) != 0
			count, length, start = le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:])
		}
	}
	switch {
	case disks:
		return nil, 0, fmt.Errorf("%w: one part of a split zip; join the parts first", ErrZip)
	case count > maxEntries || length > maxDirectory:
		return nil, 0, fmt.Errorf("%w: %d entries; at most %d are taken, in a directory of %d MiB", ErrZip, count, maxEntries, maxDirectory>>20)
	case length > uint64(end) || start != uint64(end)-length:
		return nil, 0, fmt.Errorf("%w: its directory is not where its end says; cut off at the beginning, or something stands before it", ErrZip)
	}
	begins, err = readHeaders(io.NewSectionReader(r, int64(start), int64(length)), count)
	return begins, int64(start), err
}

// readHeaders checks that r consists of so many headers, to the byte, and returns where their entries begin.
func readHeaders(r io.Reader, count uint64) ([]int64, error) {
	in := bufio.NewReaderSize(r, maxVariable)
	b, le := make([]byte, headerSize), binary.LittleEndian
	var begins []int64
	for range count {
		if _, err := io.ReadFull(in, b); err != nil || string(b[:4]) != "PK\x01\x02" {
			return nil, errCutOff
		}
		name, extra, comment := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
		rest, err := in.Peek(name + extra)
		if err != nil {
			return nil, errCutOff
		}
		zips, size, at := uint64(le.Uint32(b[20:])), uint64(le.Uint32(b[24:])), uint64(le.Uint32(b[42:]))
		wide(rest[name:], &size, &zips, &at)
		begins = append(begins, int64(min(at, math.MaxInt64-maxVariable)))
		if _, err := in.Discard(name + extra + comment); err != nil {
			return nil, errCutOff
		}
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return nil, fmt.Errorf("%w: its directory has more entries than its end says", ErrZip)
	}
	return begins, nil
}

// maxVariable is more than the name and the extra fields of an entry can take.
const maxVariable = 1 << 17
