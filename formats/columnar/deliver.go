package columnar

import (
	"fmt"
	"io"

	"github.com/pialign/pialign/formats/retime"
)

// deliver writes the groups in their order. After a failure it only takes them back.
func (w *Writer) deliver() {
	watch := &watched{w: w.w}
	fail := func(err error) {
		if watch.err != nil { // which the library does not always pass on
			err = watch.err
		}
		w.written <- err
		close(w.failed)
	}
	err := w.guard(func() error { return w.encoder.begin(watch) })
	if err != nil {
		fail(err)
	}
	for g := range w.order {
		<-g.done
		if err == nil {
			if err = g.err; err == nil {
				err = w.guard(func() error { return w.encoder.write(watch, g) })
			}
			if err != nil {
				fail(err)
			}
		}
		g.meta = nil
		crew() <- g
	}
	if err != nil {
		return
	}
	if err = w.guard(func() error { return w.encoder.end(watch) }); err == nil {
		err = watch.err
	}
	fail(err)
}

// guard makes an error of a panic, as the library answers what it does not like.
func (w *Writer) guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: writing %s: %v", w.table.Name, w.format, p)
		}
	}()
	return do()
}

// make parses and encodes a group.
func (w *Writer) make(g *group, rows *retime.Rows) error {
	return w.guard(func() error {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := g.parse(rows, &w.table, w.columns); err != nil {
			return err
		}
		return w.encoder.encode(g)
	})
}

// watched remembers the first error of w.
type watched struct {
	w   io.Writer
	err error
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}
