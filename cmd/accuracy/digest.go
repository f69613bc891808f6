package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/alignfile"
)

// printDigest writes for each family, and for all together, a hash of the samples and one of the alignment files that are
// made of them. Two processors agree if they print the same lines; where the samples differ already, the simulation
// does, not the fit.
func printDigest(out io.Writer, o options) error {
	type sums struct {
		samples, alignments []byte
		err                 error
	}
	type job struct {
		family scenario.Family
		seed   uint64
	}
	var jobs []job
	for _, f := range o.families {
		for i := range o.sessions(f) {
			jobs = append(jobs, job{f, o.from + uint64(i)})
		}
	}
	all := make([]sums, len(jobs))
	each(len(all), func(i int) {
		s := jobs[i].family.Draw(jobs[i].seed)
		var x sums
		x.samples = hashed(func(w io.Writer) { writeSamples(w, s) })
		file, err := alignment(s)
		x.alignments, x.err = hashed(func(w io.Writer) { w.Write(file) }), err
		all[i] = x
	})
	done := 0
	samples, alignments := sha256.New(), sha256.New()
	for _, family := range o.families {
		fs, fa := sha256.New(), sha256.New()
		for _, x := range all[done : done+o.sessions(family)] {
			if x.err != nil {
				return fmt.Errorf("%s: %w", family.Name, x.err)
			}
			fs.Write(x.samples)
			fa.Write(x.alignments)
		}
		done += o.sessions(family)
		samples.Write(fs.Sum(nil))
		alignments.Write(fa.Sum(nil))
		fmt.Fprintf(out, "%-18s samples %s  alignments %s\n", family.Name, short(fs), short(fa))
	}
	_, err := fmt.Fprintf(out, "all %d sessions: samples %x  alignments %x\n", len(all), samples.Sum(nil), alignments.Sum(nil))
	return err
}

func hashed(write func(io.Writer)) []byte {
	h := sha256.New()
	write(h)
	return h.Sum(nil)
}

func short(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:8]) }

func writeSamples(w io.Writer, s *scenario.Session) {
	for _, x := range s.Samples {
		fmt.Fprintln(w, int64(x.A), int64(x.B), int64(x.MonoA), int64(x.MonoB), int64(x.E))
	}
}

// alignment returns the alignment file of s, or the text of the error that the fit refuses with.
func alignment(s *scenario.Session) ([]byte, error) {
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		return []byte(err.Error()), nil
	}
	return alignfile.Marshal(&alignfile.File{Alignment: al})
}
