package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/table"
)

// one derives one re-timed recording again and compares.
func (v *verification) one(ctx context.Context, out *retimedOutput) *verifyResult {
	r := &verifyResult{Path: out.path, Files: len(out.files) + 1, root: out.root}
	defer r.judge()
	if out.err != nil {
		if !errors.Is(out.err, retime.ErrManifest) { // of a newer version, or it cannot be read
			r.failed(out.err)
			return r
		}
		r.problem(out.about, fileDiffers, "is damaged: %s", strings.TrimPrefix(out.err.Error(), filepath.Join(out.root, out.about)+": "))
		r.failed(errors.New("nothing says what it was made of"))
		return r
	}
	m := out.manifest
	r.Program = m.Program
	if err := m.Intact(out.bytes); err != nil {
		r.problem(out.about, fileDiffers, "was changed after it was written: %v", err)
	}
	for _, name := range out.odd {
		r.problem(name, fileAdditional, "is neither a file nor a folder, and pialign writes nothing else")
	}
	sums, err := v.digests(ctx, out)
	if err != nil {
		r.failed(err)
		return r
	}
	report, whole, err := v.again(ctx, out, r)
	if err != nil {
		r.failed(err)
		compareWithManifest(r, m, sums)
		return r
	}
	c := comparison{r: r, have: m, sums: sums, about: out.about}
	c.files(report)
	c.manifest(out.bytes, retime.NewManifest(m.Options(), report))
	if whole != "" && len(r.Problems) == 0 && m.Program == program {
		if sum, err := digestOf(ctx, out.path, false, new(atomic.Int64)); err != nil {
			r.failed(err)
		} else if sum != whole {
			r.problem("", fileDiffers, "all files in it are right, but it is not packed as pialign packs it: a byte between them was changed, or it was packed again")
		}
	}
	if m.Program != program {
		same := "every byte is the same"
		if len(r.Problems) > 0 {
			same = "what differs may be the other version's doing"
		}
		r.Notes = append(r.Notes, fmt.Sprintf("written by %s and derived again by %s: %s", or(m.Program, "an unknown program"), program, same))
	}
	return r
}

// again re-times the original of out once more, and returns what that gave; of a zip also the digest of the whole.
func (v *verification) again(ctx context.Context, out *retimedOutput, r *verifyResult) (report *retime.Report, whole string, err error) {
	input, err := v.inputs.of(ctx, out)
	if err != nil {
		return nil, "", err
	}
	r.Input = input
	clocks, err := v.stored.clocksOf(out.manifest, r)
	if err != nil {
		return nil, "", err
	}
	rec, err := out.open(input)
	if err != nil {
		return nil, "", err
	}
	defer v.shown.part(out.size, readOf(rec, out.size)).done()
	if out.kind == zipOutput {
		return v.againZip(ctx, rec, out, clocks)
	}
	report, err = rec.Retime(ctx, os.DevNull, clocks, out.manifest.Options())
	return report, "", err
}

// open opens the original of o.
func (o *retimedOutput) open(input string) (formats.Recording, error) {
	if o.kind != tableOutput {
		return formats.Open(input)
	}
	var columns []table.Column
	for _, f := range o.manifest.Files {
		for _, name := range f.Columns { // with their units
			c, err := table.ParseColumn(name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", o.about, err)
			}
			columns = append(columns, c)
		}
	}
	r, err := table.Open(input, columns)
	if err != nil {
		return nil, err // not r: a nil *table.Recording is no nil Recording
	}
	return r, nil
}

// digests returns those of all files of out by name.
func (v *verification) digests(ctx context.Context, out *retimedOutput) (map[string]string, error) {
	var names []string
	for name := range out.files {
		names = append(names, name)
	}
	slices.Sort(names)
	sums, errs := make([]string, len(names)), make([]error, len(names))
	sha := out.manifest.SHA256()
	var next, read atomic.Int64
	defer v.shown.part(out.size, read.Load).done()
	if out.kind == zipOutput {
		return zipDigests(ctx, out.path, names, sha, &read)
	}
	var wg sync.WaitGroup
	for range workers(len(names)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				sums[i], errs[i] = digestOf(ctx, filepath.Join(out.root, filepath.FromSlash(names[i])), sha, &read)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	by := make(map[string]string, len(names))
	for i, name := range names {
		by[name] = sums[i]
	}
	return by, nil
}
