package main

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/align"
)

func mapCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:  "map",
		Usage: "map single instants through an alignment, with their intervals",
		Description: "Reads device instants in ns from stdin, one a line and in the order of their stream, or from a column of a CSV\n" +
			"with --column, and writes CSV: the instant, its host instant, and the ends of the 95 % interval (lo, hi), of\n" +
			"the same without the allowance for unequal ways (stat), and of the hard bound. A cell is empty where nothing\n" +
			"bounds the truth. With --inverse it reads host instants and writes device instants.\n\n" +
			"Examples:\n" +
			"pialign map --alignment p01/alignment/fa4e000000000001.json < device.txt\n" +
			"pialign map --alignment p01/alignment/fa4e000000000001.json --column \"timestamp [ns]\" < gaze.csv",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "alignment", Usage: "the alignment in `FILE`"},
			&cli.BoolFlag{Name: "inverse", Usage: "from host instants to device instants"},
			&cli.StringFlag{Name: "clock", Value: clockWall, Usage: "the host `CLOCK`: wall, monotonic or lsl"},
			&cli.StringFlag{Name: "column", Usage: "stdin is CSV with a header; take the column called `NAME`"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return withHint(usageError("pialign map: takes no file, it reads stdin; got %q", c.Args().First()), "use < %s", quoted(c.Args().First()))
			}
			if err := needFlag(c, "alignment"); err != nil {
				return err
			}
			if err := checkClock(c.String("clock")); err != nil {
				return err
			}
			f, err := readAlignment(c.String("alignment"))
			if err != nil {
				return err
			}
			in := source(newLines(s.in))
			if c.IsSet("column") {
				if in, err = newColumn(s.in, c.String("column")); err != nil {
					return err
				}
			}
			hc := chooseClock(f, c.String("alignment"), c.String("clock"))
			if hc.err != nil {
				return hc.err
			}
			if hc.recipe != "" {
				fmt.Fprintf(s.err, "pialign: warning: %s was made by %s, a recipe to compare with: no 95 %% interval is written\n", hc.name, hc.recipe)
			}
			o := mapOptions{inverse: c.Bool("inverse"), unrated: hc.recipe != ""}
			if c.String("clock") == clockWall {
				return mapInstants(c.Context, s.out, in, f.file.Alignment.Wall, o)
			}
			return mapInstants(c.Context, s.out, in, f.file.Alignment.Mono, o)
		},
	}
}

type mapOptions struct {
	inverse bool
	unrated bool // leave the cells of the 95 % interval empty
}

// source yields the instants of a stream. Its errors name the line.
type source interface {
	// next returns io.EOF after the last one.
	next() (int64, error)
	// at says where the last one stood, for messages.
	at() string
}

// mapInstants writes what m says of each instant of in. What was written before an error stays.
func mapInstants[T align.HostClock](ctx context.Context, out io.Writer, in source, m *align.Model[T], o mapOptions) error {
	w := bufio.NewWriterSize(out, 1<<16)
	err := mapRows(ctx, w, in, m, o)
	if e := w.Flush(); err == nil {
		err = e
	}
	return err
}

const intervalColumns = "lo_ns,hi_ns,stat_lo_ns,stat_hi_ns,bound_lo_ns,bound_hi_ns\n"

func mapRows[T align.HostClock](ctx context.Context, w *bufio.Writer, in source, m *align.Model[T], o mapOptions) error {
	header, row := "device_ns,host_ns,", forward(m, !o.unrated)
	if o.inverse {
		header, row = "host_ns,device_ns,", backward(m, !o.unrated)
	}
	if _, err := w.WriteString(header + intervalColumns); err != nil {
		return err
	}
	var b []byte
	for n := 0; ; n++ {
		v, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if b, err = row(b[:0], v); err != nil {
			return explainMap(fmt.Errorf("%s: %w", in.at(), err), m, v, o.inverse)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		if n&0xfff == 0 && ctx.Err() != nil { // a look each few ms is often enough
			return ctx.Err()
		}
	}
}
