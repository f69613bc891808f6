package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/pialign/pialign/align"
)

// How an answer may fail before its content is looked at. After these the connection is of no use.
var (
	errCut     = errors.New("the connection ended within the answer")
	errFraming = errors.New("not an HTTP answer")
)

const (
	maxHeader  = 16 << 10 // of an answer, interim ones included
	maxAnswer  = 64 << 10 // an event's answer has some 150 bytes
	maxStatus  = 1 << 20  // a status has some 3000
	maxInterim = 8        // 1xx answers before the real one
)

// instant is one reading of both host clocks.
type instant struct {
	wall align.HostTime
	mono align.MonoTime
}

// reply is one whole answer.
type reply struct {
	status      int
	contentType string
	body        []byte
	reusable    bool    // the connection can carry another request
	heard       instant // by when the phone had stamped it
}

// replyReader reads answers from a connection. It holds no more than its buffer and one body.
type replyReader struct {
	src  io.Reader
	now  func() instant // called directly after each Read that brought something
	buf  []byte
	r, w int
	last instant // of the last such Read
	left int     // how much header is still allowed
}

func newReplyReader(src io.Reader, now func() instant) *replyReader {
	return &replyReader{src: src, now: now, buf: make([]byte, 4<<10)}
}

// fill reads at least one byte into the empty buffer.
func (r *replyReader) fill() error {
	r.r, r.w = 0, 0
	for range 100 { // as often as bufio suffers a Read that brings nothing
		n, err := r.src.Read(r.buf)
		if n > 0 {
			r.last = r.now()
			r.w = n
			return nil // an error will come again
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// read returns the next answer, with a body of at most limit bytes.
//
// Its heard is the instant after the Read that brought the last of its body: nothing earlier proves that the stamp had been
// made, as a server may send its header first and look at its clock afterwards. From a phone all comes in one piece, and then
// it is the Read that brought the first byte. An interim answer (1xx) is none.
func (r *replyReader) read(limit int) (*reply, error) {
	r.left = maxHeader
	for i := range maxInterim {
		a, h, err := r.head()
		if err != nil && i > 0 {
			err = cut(err)
		}
		if err != nil {
			return nil, err
		}
		if a.status/100 == 1 {
			if a.status == 101 {
				return nil, fmt.Errorf("%w: it switches protocols, which was not asked for", errFraming)
			}
			continue
		}
		if err := r.body(a, h, limit); err != nil {
			return nil, cut(err)
		}
		// Bytes that nobody asked for would pass for the answer to the next request.
		a.reusable = a.reusable && r.r == r.w
		return a, nil
	}
	return nil, fmt.Errorf("%w: more than %d interim answers", errFraming, maxInterim)
}

// head is what an answer's header says about its body.
type head struct {
	length     int64 // -1: not stated
	chunked    bool
	close      bool
	persistent bool // HTTP/1.1, or asked for
}

// head reads a status line and the header below it.
func (r *replyReader) head() (*reply, head, error) {
	h := head{length: -1}
	if r.r == r.w {
		if err := r.fill(); err != nil {
			return nil, h, err
		}
	}
	a := &reply{heard: r.last}
	line, err := r.line()
	if err != nil {
		return nil, h, cut(err)
	}
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	a.status, err = strconv.Atoi(code)
	if (version != "HTTP/1.1" && version != "HTTP/1.0") || err != nil || len(code) != 3 || a.status < 100 {
		return nil, h, fmt.Errorf("%w: it begins %.40q", errFraming, line)
	}
	h.persistent = version == "HTTP/1.1"
	for {
		line, err := r.line()
		if err != nil {
			return nil, h, cut(err)
		}
		if line == "" {
			break
		}
		if err := h.field(a, line); err != nil {
			return nil, h, err
		}
	}
	if h.chunked && (h.length >= 0 || version == "HTTP/1.0") { // a proxy may see another end: RFC 9112 section 6.1
		return nil, h, fmt.Errorf("%w: chunks in HTTP/1.0, or beside a content length", errFraming)
	}
	return a, h, nil
}

// field takes in one line of the header.
func (h *head) field(a *reply, line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return fmt.Errorf("%w: header line %.40q", errFraming, line)
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(name) {
	case "content-type":
		a.contentType = value
	case "content-length":
		n, ok := decimal(value)
		if !ok || (h.length >= 0 && h.length != n) {
			return fmt.Errorf("%w: content length %.40q", errFraming, value)
		}
		h.length = n
	case "transfer-encoding":
		if h.chunked || !strings.EqualFold(value, "chunked") {
			return fmt.Errorf("%w: transfer encoding %.40q", errFraming, value)
		}
		h.chunked = true
	case "connection":
		for token := range strings.SplitSeq(value, ",") {
			switch strings.ToLower(strings.Trim(token, " \t")) {
			case "close":
				h.close = true
			case "keep-alive":
				h.persistent = true
			}
		}
	}
	return nil
}

// line returns the next line of a header, without its end.
func (r *replyReader) line() (string, error) {
	var line []byte
	for {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				return "", err
			}
		}
		part, end := r.buf[r.r:r.w], false
		if i := bytes.IndexByte(part, '\n'); i >= 0 {
			part, end = part[:i+1], true
		}
		r.r += len(part)
		if r.left -= len(part); r.left < 0 {
			return "", fmt.Errorf("%w: a header of more than %d bytes", errFraming, maxHeader)
		}
		line = append(line, part...)
		if end {
			return string(bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))), nil
		}
	}
}

// cut returns err, or errCut where the connection ended within an answer, politely or not.
func cut(err error) error {
	var n net.Error
	if errors.Is(err, errFraming) || errors.Is(err, errCut) || errors.As(err, &n) && n.Timeout() {
		return err
	}
	return fmt.Errorf("%w (%w)", errCut, err)
}

// decimal reads digits and nothing else.
func decimal(s string) (int64, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
