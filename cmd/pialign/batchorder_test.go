package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

func TestOrderOfWork(t *testing.T) {
	var lines []*batchLine
	for _, text := range strings.Fields("b7:s2:20 a1:s1:1000 a2:s2:1000 b1:s1:20 b2:s1:20 b3:s1:20 b4:s2:20 b5:s2:20 b6:s3:20 c1:s1:3") {
		var l batch.Line
		p := strings.Split(text, ":")
		l.Output, l.Sessions, l.Bytes = p[0], p[1:2], int64(len(p[2]))
		switch p[2] {
		case "1000":
			l.Bytes = 1000
		case "20":
			l.Bytes = 20
		}
		lines = append(lines, &batchLine{Line: l})
	}
	r := rand.New(rand.NewPCG(1, 1))
	for workers, want := range map[int]string{
		1: "a1 a2 b1 b2 b3 b4 b5 b7 b6 c1",
		2: "a1 a2 b1 b4 b2 b5 b3 b7 b6 c1",
		9: "a1 a2 b1 b4 b6 c1 b2 b5 b3 b7",
	} {
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		got := slices.Clone(lines)
		inOrder(got, workers)
		var names []string
		for _, l := range got {
			names = append(names, l.Output)
		}
		if text := strings.Join(names, " "); text != want {
			t.Errorf("%d workers: %s, want %s", workers, text, want)
		}
	}
	inOrder(nil, 3)
}
