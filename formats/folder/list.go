package folder

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pialign/pialign/formats/retime"
)

// A zip is a bomb if it unpacks to more than maxRatio times its size and to more than unpackable. Tables of Pupil Cloud
// pack to a quarter, those with nothing but times to a thirtieth; what is below a GiB is over in seconds.
const (
	maxRatio   = 200
	unpackable = 1 << 30
)

// list reads the directory and checks each entry. The tree is as that of the unpacked folder would be.
func (a *archive) list(result *File) (*Tree, error) {
	begins, end, err := checkDirectory(a, a.info.Size())
	if err != nil {
		return nil, err
	}
	r, err := zip.NewReader(a, a.info.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are checked below
		return nil, damaged(err)
	}
	if len(r.File) != len(begins) {
		return nil, errCutOff
	}
	a.entries, a.comment = r.File, r.Comment
	t := &Tree{zip: a, headers: &headers{}, read: &a.read}
	names := map[string]named{}
	var total uint64
	for _, e := range a.entries {
		if err := checkEntry(e); err != nil {
			return nil, fmt.Errorf("entry %.200q: %w", e.Name, err)
		}
		if total += e.UncompressedSize64; total > math.MaxInt64/2 {
			return nil, fmt.Errorf("%w: a bomb, it unpacks to %d bytes or more", ErrZip, total)
		}
		if result != nil && e.Name == retime.ManifestName && result.entry == nil {
			*result = a.fileOf(e)
			continue
		}
		if err := a.enter(t, names, e); err != nil {
			return nil, err
		}
	}
	if total > unpackable && total/maxRatio > uint64(a.info.Size()) {
		return nil, fmt.Errorf("%w: a bomb, its %d bytes unpack to %d", ErrZip, a.info.Size(), total)
	}
	if err := a.apart(begins, end); err != nil {
		return nil, err
	}
	slices.SortFunc(t.Files, func(x, y File) int { return walkOrder(x.Name, y.Name) })
	slices.SortFunc(t.Folders, walkOrder)
	slices.SortFunc(t.LeftOut, walkOrder)
	return t, nil
}

// checkEntry refuses an entry that could not be unpacked, or not safely.
func checkEntry(e *zip.File) error {
	name, isFolder := strings.CutSuffix(e.Name, "/")
	switch mode := e.Mode().Type(); {
	case strings.Contains(name, `\`):
		return fmt.Errorf("%w: a backslash in its name; unpack it and give the folder", ErrZip)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("%w: a name that other systems cannot hold; unpack it and give the folder", ErrZip)
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':' && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z':
		return fmt.Errorf("%w: its name is an absolute path, which may lead anywhere", ErrZip)
	case !fs.ValidPath(name) || name == ".":
		return fmt.Errorf("%w: its name leads out of the zip, or is none", ErrZip)
	case strings.Count(name, "/") > maxDepth:
		return fmt.Errorf("%w: more than %d folders deep", ErrTree, maxDepth)
	case e.Flags&encrypted != 0:
		return fmt.Errorf("%w: it is encrypted; unpack it with its password and give the folder", ErrZip)
	case mode != 0 && mode != fs.ModeDir:
		return fmt.Errorf("%w: neither file nor folder (%v)", ErrZip, mode)
	case isFolder && e.UncompressedSize64 > 0:
		return fmt.Errorf("%w: a folder with bytes of its own", ErrZip)
	case isFolder:
		return nil
	case mode == fs.ModeDir:
		return fmt.Errorf("%w: a file that says it is a folder", ErrZip)
	case e.Method != zip.Store && e.Method != zip.Deflate:
		return fmt.Errorf("%w: packed by a method (%d) that pialign does not know; unpack it and give the folder", ErrZip, e.Method)
	case e.Method == zip.Store && e.CompressedSize64 != e.UncompressedSize64:
		return fmt.Errorf("%w: it is stored, but its two sizes differ; download it again", ErrZip)
	}
	return nil
}

// apart refuses entries that share bytes, or reach into the directory: a small zip unpacks to any size that way. It
// refuses those too of which the header before their bytes says something else than the directory.
func (a *archive) apart(begins []int64, end int64) error {
	type extent struct {
		from, at, to int64 // its header, its bytes, their end
		e            *zip.File
	}
	var all []extent
	for i, e := range a.entries {
		at, err := e.DataOffset()
		if err != nil {
			return fmt.Errorf("entry %.200q: %w", e.Name, damaged(err))
		}
		if e.CompressedSize64 > uint64(end) || at > end-int64(e.CompressedSize64) {
			return fmt.Errorf("entry %.200q: %w: it reaches beyond the end; cut off, download it again", e.Name, ErrZip)
		}
		all = append(all, extent{begins[i], at, at + int64(e.CompressedSize64), e})
	}
	slices.SortFunc(all, func(x, y extent) int { return cmp.Compare(x.from, y.from) })
	for i := 1; i < len(all); i++ {
		if all[i].from < all[i-1].to {
			return fmt.Errorf("entries %.200q and %.200q: %w: they share bytes, as in a bomb", all[i-1].e.Name, all[i].e.Name, ErrZip)
		}
	}
	for _, x := range all {
		if err := checkLocal(a, x.from, x.at, x.e); err != nil {
			return fmt.Errorf("entry %.200q: %w", x.e.Name, err)
		}
	}
	return nil
}

// walkOrder compares names as walking the unpacked folder would meet them: part by part.
func walkOrder(x, y string) int {
	for i := range min(len(x), len(y)) {
		switch a, b := x[i], y[i]; {
		case a == b:
		case a == '/':
			return -1
		case b == '/':
			return 1
		default:
			return cmp.Compare(a, b)
		}
	}
	return cmp.Compare(len(x), len(y))
}
