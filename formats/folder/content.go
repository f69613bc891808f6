package folder

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// inflaters are kept for the next entry: a study has ten thousand small ones.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// content is what an entry holds, unpacked and compared with what the directory says of it. Its errors are ErrZip;
// above all none is io.ErrUnexpectedEOF, which readers take for an end.
type content struct {
	from    io.Reader
	inflate io.ReadCloser // nil for one that is stored
	left    uint64
	want    uint32
	sum     hash.Hash32
	err     error
}

// newContent reads the packed bytes of e from raw.
func newContent(e *zip.File, raw io.Reader) *content {
	c := &content{from: raw, left: e.UncompressedSize64, want: e.CRC32, sum: crc32.NewIEEE()}
	if e.Method == zip.Deflate {
		c.inflate = inflaters.Get().(io.ReadCloser)
		c.err = c.inflate.(flate.Resetter).Reset(bufio.NewReaderSize(raw, 64<<10), nil)
		c.from = c.inflate
	}
	return c
}

func (c *content) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.from.Read(p)
	if uint64(n) > c.left {
		c.err = fmt.Errorf("%w: it holds more than its directory says", ErrZip)
		return 0, c.err
	}
	c.left -= uint64(n)
	c.sum.Write(p[:n])
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		err = damaged(err)
	case c.left > 0:
		err = fmt.Errorf("%w: it holds less than its directory says; download it again", ErrZip)
	case c.sum.Sum32() != c.want:
		err = fmt.Errorf("%w: wrong checksum, the bytes are damaged; download it again", ErrZip)
	}
	c.err = err
	return n, err
}

// done gives the inflater back.
func (c *content) done() {
	if c.inflate != nil {
		inflaters.Put(c.inflate)
		c.inflate, c.from = nil, nil
	}
	c.err = io.ErrClosedPipe
}

// damaged says what a reader's error means for the user. The cause is told but not wrapped: io.ErrUnexpectedEOF
// would be taken for the end of the file.
func damaged(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &corrupt) || errors.Is(err, zip.ErrFormat) {
		return fmt.Errorf("%w: damaged or cut off (%v); download it again", ErrZip, err)
	}
	return err
}
