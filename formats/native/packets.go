package native

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/pialign/pialign/align"
)

// The extimu of Neon is a row of packets: their length in two bytes, little-endian, then a protobuf message whose
// field 1 is the stamp, a varint, and whose fields 2 to 4 are messages of floats. Source: imu.proto, which Neon puts
// into each recording.
const (
	stampField = 1
	lastField  = 4
	wireVarint = 0
	wireBytes  = 2
)

// packetStamp is the name of the stamp in imu.proto.
const packetStamp = "tsNs"

// findStamp reads one message and returns its stamp and where its varint stands.
func findStamp(b []byte) (at align.DeviceTime, from, to int, err error) {
	found := false
	for i := 0; i < len(b); {
		tag, n := binary.Uvarint(b[i:])
		if n <= 0 {
			return 0, 0, 0, fmt.Errorf("%w: no tag at its byte %d", ErrPacket, i)
		}
		i += n
		number, wire := tag>>3, tag&7
		v, n := binary.Uvarint(b[i:])
		switch {
		case number == stampField && wire == wireVarint && n > 0 && !found:
			found, at, from, to = true, align.DeviceTime(v), i, i+n
			i += n
		case number == stampField && found:
			return 0, 0, 0, fmt.Errorf("%w: two stamps", ErrPacket)
		case number > stampField && number <= lastField && wire == wireBytes && n > 0:
			if i += n; v > uint64(len(b)-i) {
				return 0, 0, 0, fmt.Errorf("%w: field %d is longer than the packet", ErrPacket, number)
			}
			i += int(v)
		default:
			return 0, 0, 0, fmt.Errorf("%w: field %d of wire type %d is not known, and may be a time", ErrPacket, number, wire)
		}
	}
	if !found {
		return 0, 0, 0, fmt.Errorf("%w: no stamp", ErrPacket)
	}
	return at, from, to, nil
}

// rewritePackets copies packets from r to w with their stamps mapped, and returns how many there are. A stamp that
// needs fewer or more bytes makes its packet shorter or longer. A nil w only reads and maps. An error in a packet is a
// *StampError and leaves w incomplete.
func rewritePackets(ctx context.Context, name string, w io.Writer, r io.Reader, to mapping) (int, error) {
	in := bufio.NewReaderSize(r, block)
	var (
		head [2]byte
		buf  = make([]byte, math.MaxUint16)
		out  = make([]byte, 0, block+len(head)+math.MaxUint16)
		n    int
		at   int64
	)
	for ; ; n++ {
		if n%1024 == 0 { // packets of 70 bytes: often enough
			if err := ctx.Err(); err != nil {
				return n, err
			}
		}
		fail := func(err error) (int, error) { return n, &StampError{name, n + 1, at, "", err} }
		cut := func(got, want int, err error) (int, error) {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return n, fmt.Errorf("reading %s: %w", name, err)
			}
			return fail(fmt.Errorf("%w: %d bytes, expected %d; copy the recording from the phone again", ErrCutOff, got, want))
		}
		if got, err := io.ReadFull(in, head[:]); err == io.EOF {
			break
		} else if err != nil {
			return cut(got, len(head), err)
		}
		size := int(binary.LittleEndian.Uint16(head[:]))
		packet := buf[:size]
		if got, err := io.ReadFull(in, packet); err != nil {
			return cut(len(head)+got, len(head)+size, err)
		}
		stamp, from, end, err := findStamp(packet)
		if err != nil {
			return fail(err)
		}
		host, kept, err := to(n+1, 0, stamp)
		if err != nil {
			return n, &StampError{name, n + 1, at + int64(len(head)+from), packetStamp, err}
		}
		var digits [binary.MaxVarintLen64]byte
		now := packet[from:end]
		if !kept && host != int64(stamp) { // else also an unusual spelling of it stays
			now = digits[:binary.PutUvarint(digits[:], uint64(host))]
		}
		length := size - (end - from) + len(now)
		if length > math.MaxUint16 {
			return fail(fmt.Errorf("%w: longer than %d bytes with its new stamp", ErrPacket, math.MaxUint16))
		}
		at += int64(len(head) + size)
		if w == nil {
			continue
		}
		out = binary.LittleEndian.AppendUint16(out, uint16(length))
		out = append(append(append(out, packet[:from]...), now...), packet[end:]...)
		if len(out) >= block {
			if _, err := w.Write(out); err != nil {
				return n, err
			}
			out = out[:0]
		}
	}
	if len(out) == 0 {
		return n, nil
	}
	_, err := w.Write(out)
	return n, err
}
