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
	r := &verifyResult{Path: filepath.Join(out.path, out.table), Files: len(out.files) + 1}
	defer r.judge()
	if out.err != nil {
		if !errors.Is(out.err, retime.ErrManifest) { // of a newer version, or it cannot be read
			r.failed(out.err)
			return r
		}
		r.problem(retime.ManifestName, fileDiffers, "is damaged: %s", strings.TrimPrefix(out.err.Error(), filepath.Join(out.path, retime.ManifestName)+": "))
		r.failed(errors.New("nothing says what it was made of"))
		return r
	}
	m := out.manifest
	r.Program = m.Program
	if err := m.Intact(out.bytes); err != nil {
		r.problem(retime.ManifestName, fileDiffers, "was changed after it was written: %v", err)
	}
	for _, name := range out.odd {
		r.problem(name, fileAdditional, "is neither a file nor a folder, and pialign writes nothing else")
	}
	sums, err := v.digests(ctx, out)
	if err != nil {
		r.failed(err)
		return r
	}
	report, err := v.again(ctx, out, r)
	if err != nil {
		r.failed(err)
		compareWithManifest(r, m, sums)
		return r
	}
	c := comparison{r: r, have: m, sums: sums}
	c.files(report)
	c.manifest(out.bytes, retime.NewManifest(m.Options(), report))
	if m.Program != program {
		same := "every byte is the same"
		if len(r.Problems) > 0 {
			same = "what differs may be the other version's doing"
		}
		r.Notes = append(r.Notes, fmt.Sprintf("written by %s and derived again by %s: %s", or(m.Program, "an unknown program"), program, same))
	}
	return r
}

// again re-times the original of out once more, and returns what that gave.
func (v *verification) again(ctx context.Context, out *retimedOutput, r *verifyResult) (*retime.Report, error) {
	input, err := v.inputs.of(ctx, out)
	if err != nil {
		return nil, err
	}
	r.Input = input
	clocks, err := v.stored.clocksOf(out.manifest, r)
	if err != nil {
		return nil, err
	}
	var rec formats.Recording
	if out.table != "" {
		r.Input = filepath.Join(input, out.table)
		rec, err = openTable(r.Input, out.manifest)
	} else {
		rec, err = formats.Open(input)
	}
	if err != nil {
		return nil, err
	}
	v.shown.part(out.size, func() int64 { return 0 })
	defer v.shown.done()
	return rec.Retime(ctx, os.DevNull, clocks, out.manifest.Options())
}

// openTable opens the original of a single table by the columns that its pialign.json names.
func openTable(path string, m *retime.Manifest) (formats.Recording, error) {
	var o applyOptions
	for _, f := range m.Files {
		for _, text := range f.Columns {
			c, err := table.ParseColumn(text)
			if err != nil {
				return nil, fmt.Errorf("%s: columns: %w", retime.ManifestName, err)
			}
			o.columns = append(o.columns, c)
		}
	}
	if len(o.columns) == 0 {
		return nil, fmt.Errorf("%s: names no column of times", retime.ManifestName)
	}
	return o.openOne(path)
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
	v.shown.part(out.size, read.Load)
	defer v.shown.done()
	var wg sync.WaitGroup
	for range workers(len(names)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				sums[i], errs[i] = digestOf(ctx, filepath.Join(out.path, filepath.FromSlash(names[i])), sha, &read)
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
