package columnar

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/pialign/pialign/formats/pieces"
	"github.com/pialign/pialign/formats/retime"
)

// seen is what the cells of a column allow it to be.
type seen struct {
	any, empty                          bool // cells that hold something, and that do not
	notInt, notDouble, notBool, notUTF8 bool
}

func (s *seen) add(by seen) {
	s.any = s.any || by.any
	s.empty = s.empty || by.empty
	s.notInt = s.notInt || by.notInt
	s.notDouble = s.notDouble || by.notDouble
	s.notBool = s.notBool || by.notBool
	s.notUTF8 = s.notUTF8 || by.notUTF8
}

// see takes a cell into account.
func (s *seen) see(cell []byte) {
	if len(cell) == 0 {
		s.empty = true
		return
	}
	s.any = true
	if !s.notInt {
		if _, ok := retime.ParseInt(cell); ok {
			if len(cell) > safeDigits && !s.notDouble { // it may become one yet
				s.notDouble = !exactly(cell)
			}
			s.notBool = true
			return
		}
		s.notInt = true
	}
	if !s.notDouble {
		if exactly(cell) {
			s.notBool = true
			return
		}
		s.notDouble = true
	}
	if !s.notBool {
		if _, ok := boolean(cell); ok {
			return
		}
		s.notBool = true
	}
	if !s.notUTF8 {
		s.notUTF8 = !utf8.Valid(cell)
	}
}

// kind is the narrowest that holds every cell, or the one that a column of that name always has, if it holds them.
func (s *seen) kind(name string) Kind {
	want, ok := known(name)
	switch {
	case s.notUTF8:
		return Binary
	case ok && want == Text:
		return Text
	case ok && want == Double && !s.notDouble:
		return Double
	case ok && want == Int && !s.notInt:
		return Int
	case !s.any:
		return Text
	case !s.notInt:
		return Int
	case !s.notDouble:
		return Double
	case !s.notBool:
		return Bool
	}
	return Text
}

// pieceSize is how much text is looked at, or written, at a time by one of several.
const pieceSize = 1 << 20

// infer reads a whole table, of which some columns are to be looked at, and says what they may be. Where it is malformed the error is
// retime.ErrTable.
func infer(ctx context.Context, in io.Reader, comma byte, header []string, look []bool) ([]seen, error) {
	var (
		all    = make([]seen, len(header))
		mu     sync.Mutex
		wg     sync.WaitGroup
		bad    atomic.Bool
		work   = make(chan []byte)
		spare  = make(chan []byte, 2*workers()+1)
		panics = make(chan any, cap(spare))
	)
	for range workers() {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					bad.Store(true)
					panics <- p
					for b := range work {
						spare <- b
					}
				}
			}()
			own := make([]seen, len(header))
			for i, name := range header {
				own[i] = fresh(name)
			}
			rows := retime.NewRows(comma, len(header))
			for b := range work {
				if !bad.Load() && !lookAt(rows, b, own, look) {
					bad.Store(true)
				}
				spare <- b
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range all {
				all[i].add(own[i])
			}
		})
	}
	for range cap(spare) {
		spare <- nil
	}
	err := bodies(ctx, in, comma, func(b []byte) bool {
		piece := append((<-spare)[:0], b...)
		work <- piece
		return !bad.Load()
	})
	close(work)
	wg.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
	if err == nil && bad.Load() {
		err = fmt.Errorf("%w: a row does not have as many cells as the header", retime.ErrTable)
	}
	return all, err
}

// bodies calls each with pieces of whole rows, without the header, until it answers false.
func bodies(ctx context.Context, in io.Reader, comma byte, each func([]byte) bool) error {
	rows := retime.NewRows(comma, 0)
	r := pieces.NewReader(ctx, "", in, 0)
	defer r.Close()
	header := true
	var left []byte
	for {
		p, err := r.Next()
		if err != nil {
			return err
		}
		p.Follow(left)
		buf, at := p.Bytes()[p.From:p.To], 0
		if header {
			mark := len(buf) - len(retime.TrimMark(buf))
			if next, ok, err := rows.End(buf, mark, p.Last); err != nil {
				return err
			} else if ok {
				at, header = next, false
			}
		}
		from := at
		if !header {
			size, _ := rows.Whole(buf[at:])
			at += size
		}
		for !header {
			next, ok, err := rows.End(buf, at, p.Last)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			at = next
		}
		if at > from && !each(buf[from:at]) || p.Last {
			return nil
		}
		left = append(left[:0], buf[at:]...)
		p.Free()
	}
}

// fresh is what nothing was seen of yet: a column that is always text need not be taken for anything else.
func fresh(name string) seen {
	k, ok := known(name)
	text := ok && k == Text
	return seen{notInt: text, notDouble: text, notBool: text}
}

// lookAt looks at the cells of a piece of whole rows. It reports false where a row is none of the table's.
func lookAt(rows *retime.Rows, b []byte, s []seen, look []bool) bool {
	rows.Piece(b)
	for at := 0; at < len(b); {
		n, next, err := rows.Row(at)
		switch {
		case err != nil || n != 0 && n != len(s):
			return false
		case n != 0:
			for i := range s {
				switch cell := rows.Cell(i); {
				case look[i]:
					s[i].see(cell)
				case len(cell) == 0:
					s[i].empty = true
				}
			}
		}
		at = next
	}
	return true
}
