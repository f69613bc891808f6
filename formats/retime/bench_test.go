package retime

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/pialign/pialign/align"
)

// gazeTable is a gaze.csv as Pupil Cloud writes it.
func gazeTable(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("section id,recording id,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],elevation [deg]\n")
	for i := range rows {
		fmt.Fprintf(&b, "f04c7b44-5076-4f28-a28d-7b7863f63221,b2345e8e-d5d9-49fe-a6bc-2a04432a24e5,%d,629.146,647.936,1.0,%d,,7.700536268254241,-8.617572141588298\n",
			1685088813175076015+int64(i)*5_000_000, i/100)
	}
	return b.Bytes()
}

func BenchmarkRewrite(b *testing.B) {
	table := gazeTable(100_000)
	m, err := align.NewModel[align.HostTime](align.Parts{Segments: []align.Segment{{From: 1_600_000_000_000_000_000, To: 1_800_000_000_000_000_000,
		Ref: 1_685_000_000_000_000_000, Offset: 840_000_000, DriftE18: 12_000_000_000_000}}})
	if err != nil {
		b.Fatal(err)
	}
	tab := Table{Name: "gaze.csv", Plan: everyTime, Map: func(c *Cell) error {
		h, err := m.Host(c.At)
		c.Host = int64(h)
		return err
	}}
	for _, c := range []struct {
		name string
		w    io.Writer
	}{{"scan", nil}, {"write", io.Discard}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(table)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tab.Rewrite(context.Background(), c.w, bytes.NewReader(table)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
