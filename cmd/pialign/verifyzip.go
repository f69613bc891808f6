package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
)

// listZip notes the entries of a zip and reads its pialign.json.
func (o *retimedOutput) listZip() {
	o.files = map[string]int64{}
	z, err := zip.OpenReader(o.path)
	if err != nil {
		o.err = fmt.Errorf("%w: %w", retime.ErrManifest, err)
		return
	}
	defer z.Close()
	o.err = errNoManifest
	for _, e := range z.File {
		_, twice := o.files[e.Name]
		switch {
		case strings.HasSuffix(e.Name, "/"):
		case twice:
			o.odd = append(o.odd, e.Name)
		case e.Name == retime.ManifestName:
			o.bytes, o.manifest, o.err = manifestIn(e)
		default:
			o.files[e.Name] = unpacked(e)
			o.size += o.files[e.Name]
		}
	}
}

// errNoManifest: it may be somebody's zip, or one of ours that is damaged.
var errNoManifest = errors.New("there is no " + retime.ManifestName + " in the zip: it is not re-timed, or damaged")

// unpacked returns the size that the directory says, so bounded that a sum does not overflow.
func unpacked(e *zip.File) int64 { return int64(min(e.UncompressedSize64, 1<<46)) }

func manifestIn(e *zip.File) ([]byte, *retime.Manifest, error) {
	in, err := e.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", retime.ErrManifest, err)
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, retime.MaxManifest+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", retime.ErrManifest, err)
	}
	m, err := retime.ParseManifest(b)
	return b, m, err
}

// zipDigests returns the digests of some entries of a zip by name. What cannot be read has none of a file's.
func zipDigests(ctx context.Context, path string, names []string, sha256 bool, read *atomic.Int64) (map[string]string, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	entries := map[string]*zip.File{}
	for _, e := range z.File {
		entries[e.Name] = e
	}
	sums := make(map[string]string, len(names))
	for _, name := range names {
		e := entries[name]
		if e == nil {
			continue
		}
		sum, err := zipDigest(ctx, e, sha256, read)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			sum = "none, since it cannot be read (" + err.Error() + ")"
		}
		sums[name] = sum
	}
	return sums, nil
}

func zipDigest(ctx context.Context, e *zip.File, sha256 bool, read *atomic.Int64) (string, error) {
	in, err := e.Open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	d := digest.New(sha256)
	_, err = io.Copy(d, countedReader{ctx, in, read})
	return d.String(), err
}

// ofZip is of for a zip.
func (o *originals) ofZip(ctx context.Context, out *retimedOutput) (string, error) {
	own := filepath.Base(absolute(out.path))
	zips := slices.Clone(o.zips)
	slices.SortStableFunc(zips, func(a, b string) int { // those of that name first
		switch an, bn := filepath.Base(a) == own, filepath.Base(b) == own; {
		case an && !bn:
			return -1
		case bn && !an:
			return 1
		}
		return 0
	})
	named := ""
	for _, path := range zips {
		same, retimed, err := sameZip(ctx, path, out.manifest)
		if err != nil || same {
			return path, err
		}
		if named == "" && !retimed && filepath.Base(path) == own {
			named = path
		}
	}
	if named != "" {
		return named, nil
	}
	return "", withHint(fmt.Errorf("its original is not below %s: there is no %s, and no zip with files of these names and digests", o.root, own),
		"give --inputs the folder below which the zip lies as it was downloaded")
}

// sameZip is originals.same for a zip. retimed: it is no original at all.
func sameZip(ctx context.Context, path string, m *retime.Manifest) (same, retimed bool, err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return false, false, ctx.Err()
	}
	sizes := map[string]int64{}
	for _, e := range z.File {
		sizes[e.Name] = unpacked(e)
	}
	_ = z.Close()
	if _, retimed = sizes[retime.ManifestName]; retimed {
		return false, true, nil
	}
	for _, f := range m.Files {
		if _, ok := sizes[f.Source()]; !ok {
			return false, false, nil
		}
	}
	for _, f := range smallest(m.Files, sizes) {
		sums, err := zipDigests(ctx, path, []string{f.Source()}, strings.HasPrefix(f.Input, "sha256:"), new(atomic.Int64))
		if err != nil || sums[f.Source()] != f.Input {
			return false, false, ctx.Err()
		}
	}
	return true, false, nil
}

// againZip re-times a zip into a folder that is removed at once, and returns the digest of the whole too: how the entries are packed
// counts as well.
func (v *verification) againZip(ctx context.Context, rec formats.Recording, out *retimedOutput, clocks retime.Clocks) (report *retime.Report, whole string, err error) {
	const another = "set TMPDIR (TEMP on Windows) to a folder on a larger disk"
	temp, err := os.MkdirTemp("", "pialign-verify-")
	if err != nil {
		return nil, "", withHint(err, another)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	info, err := os.Stat(out.path)
	if err != nil {
		return nil, "", err
	}
	if err := enoughSpace(temp, 2*info.Size()); err != nil { // it is put together of a scratch file
		return nil, "", withHint(err, another)
	}
	dst := filepath.Join(temp, "again.zip")
	if report, err = rec.Retime(ctx, dst, clocks, out.manifest.Options()); err == nil {
		whole, err = digestOf(ctx, dst, false, new(atomic.Int64))
	}
	if errors.Is(err, errFull) {
		err = withHint(err, another)
	}
	return report, whole, err
}
