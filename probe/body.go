package probe

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// body reads the body that h announces into a.
func (r *replyReader) body(a *reply, h head, limit int) error {
	a.reusable = h.persistent && !h.close
	switch {
	case a.status == 204 || a.status == 304:
		return nil
	case h.chunked:
		return r.chunks(a, limit)
	case h.length > int64(limit):
		return fmt.Errorf("%w: a body of %d bytes, more than %d", errFraming, h.length, limit)
	case h.length >= 0:
		return r.take(a, int(h.length))
	}
	a.reusable = false
	for {
		if r.r == r.w {
			if err := r.fill(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
		a.heard = r.last
		if len(a.body)+r.w-r.r > limit {
			return fmt.Errorf("%w: a body of more than %d bytes", errFraming, limit)
		}
		a.body = append(a.body, r.buf[r.r:r.w]...)
		r.r = r.w
	}
}

// chunks reads a chunked body: RFC 9112 section 7.1.
func (r *replyReader) chunks(a *reply, limit int) error {
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		digits, _, _ := strings.Cut(line, ";")
		digits = strings.TrimRight(digits, " \t")
		n, err := strconv.ParseUint(digits, 16, 31)
		if err != nil || digits[0] == '+' {
			return fmt.Errorf("%w: chunk size %.40q", errFraming, line)
		}
		if n == 0 {
			break
		}
		if int(n) > limit-len(a.body) {
			return fmt.Errorf("%w: a body of more than %d bytes", errFraming, limit)
		}
		if err := r.take(a, int(n)); err != nil {
			return err
		}
		if line, err := r.line(); err != nil {
			return err
		} else if line != "" {
			return fmt.Errorf("%w: a chunk is longer than it says", errFraming)
		}
	}
	for { // trailers
		if line, err := r.line(); err != nil || line == "" {
			return err
		}
	}
}

// take appends n bytes to the body. It is heard when the last of them is.
func (r *replyReader) take(a *reply, n int) error {
	for n > 0 {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				return err
			}
		}
		part := min(n, r.w-r.r)
		a.body = append(a.body, r.buf[r.r:r.r+part]...)
		r.r += part
		n -= part
		a.heard = r.last
	}
	return nil
}
