package folder

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime"
)

// entry is one entry of a zip to be, as honest as change leaves it.
type entry struct {
	name, content string
	method        uint16
	change        func(*zip.FileHeader)
}

// zipped returns the bytes of a zip with these entries.
func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		fh := &zip.FileHeader{Name: e.name, Method: e.method, CRC32: crc32.ChecksumIEEE([]byte(e.content)), UncompressedSize64: uint64(len(e.content))}
		fh.SetMode(0o644)
		packed := []byte(e.content)
		if e.method == zip.Deflate {
			var b bytes.Buffer
			d, err := flate.NewWriter(&b, flate.DefaultCompression)
			if err != nil {
				t.Fatal(err)
			}
			d.Write(packed)
			d.Close()
			packed = b.Bytes()
		}
		fh.CompressedSize64 = uint64(len(packed))
		if e.change != nil {
			e.change(fh)
		}
		to, err := w.CreateRaw(fh)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(fh.Name, "/") {
			to.Write(packed)
		}
	}
	w.SetComment("a comment")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// saved puts b into a file.
func saved(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// contents reads every file of a tree.
func contents(tree *Tree) (map[string]string, error) {
	files := map[string]string{}
	for _, f := range tree.Files {
		in, err := Open(f)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(in)
		if e := in.Close(); err == nil {
			err = e
		}
		if err != nil {
			return nil, err
		}
		files[f.Name] = string(b)
	}
	return files, nil
}

var honest = []entry{
	{name: "rec/"},
	{name: "rec/gaze.csv", content: strings.Repeat("timestamp [ns]\n1700000000000000015\n", 100), method: zip.Deflate},
	{name: "rec/scene.mp4", content: "\x00\x01\xff", method: zip.Store},
	{name: "rec/größe/日本.txt", content: "x", method: zip.Deflate},
	{name: "rec.txt", content: "", method: zip.Deflate},
	{name: "rec/.git/HEAD", content: "x", method: zip.Deflate},
	{name: "__MACOSX/rec/._gaze.csv", content: "\x00\x05\x16\x07", method: zip.Deflate},
}

func TestZipIsAsItsFolder(t *testing.T) {
	path := saved(t, zipped(t, honest...))
	got, err := Walk(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a")
	for _, e := range honest {
		to := filepath.Join(dir, filepath.FromSlash(e.name))
		if strings.HasSuffix(e.name, "/") {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(e.content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := Walk(dir)
	if err != nil {
		t.Fatal(err)
	}
	say := func(t *Tree) string {
		var b strings.Builder
		for _, f := range t.Files {
			fmt.Fprintln(&b, f.Name, f.Size, f.Dir(), f.Base())
		}
		return fmt.Sprint(b.String(), t.Folders, t.LeftOut)
	}
	if say(got) != say(want) {
		t.Errorf("zip:\n%s\nfolder:\n%s", say(got), say(want))
	}
	a, err := contents(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := contents(want)
	if err != nil || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%v: zip %q, folder %q", err, a, b)
	}
	if Name(path) != Name(dir) || Name(dir) != "a" {
		t.Errorf("names %q and %q", Name(path), Name(dir))
	}
}

func named1(name string) []entry { return []entry{{name: name, content: "x"}} }

func changed1(change func(*zip.FileHeader)) []entry {
	return []entry{{name: "gaze.csv", content: "timestamp [ns]\n", method: zip.Deflate, change: change}}
}

// Each of these would do harm, or could not be read, and is refused with one sentence before anything is written.
func TestZipRefused(t *testing.T) {
	good := zipped(t, entry{name: "a", content: "first"}, entry{name: "b", content: "other"})
	le32 := func(b []byte, at int, v uint32) []byte {
		b = bytes.Clone(b)
		b[at], b[at+1], b[at+2], b[at+3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		return b
	}
	headers := bytes.Index(good, []byte("PK\x01\x02"))
	second := headers + 4 + bytes.Index(good[headers+4:], []byte("PK\x01\x02"))
	end := len(good) - endSize - len("a comment")
	put := func(b []byte, at int, s string) []byte { b = bytes.Clone(b); copy(b[at:], s); return b }
	bomb := func(fh *zip.FileHeader) { fh.UncompressedSize64 = unpackable + 1 }
	many := func(n int) (all []entry) {
		for i := range n {
			all = append(all, entry{name: fmt.Sprint("f/", i)})
		}
		return all
	}
	for name, c := range map[string]struct {
		b    []byte
		is   error
		says string
	}{
		"traversal":           {zipped(t, named1("../gaze.csv")...), ErrZip, "leads out"},
		"traversal inside":    {zipped(t, named1("rec/../../gaze.csv")...), ErrZip, "leads out"},
		"dot":                 {zipped(t, named1("./gaze.csv")...), ErrZip, "leads out"},
		"two slashes":         {zipped(t, named1("rec//gaze.csv")...), ErrZip, "leads out"},
		"no name":             {zipped(t, named1("")...), ErrZip, "leads out"},
		"absolute":            {zipped(t, named1("/etc/passwd")...), ErrZip, "absolute"},
		"absolute folder":     {zipped(t, named1("/")...), ErrZip, ""},
		"drive":               {zipped(t, named1("C:gaze.csv")...), ErrZip, "absolute"},
		"drive and slash":     {zipped(t, named1("c:/gaze.csv")...), ErrZip, "absolute"},
		"backslash":           {zipped(t, named1(`rec\gaze.csv`)...), ErrZip, "backslash"},
		"backslash up":        {zipped(t, named1(`..\gaze.csv`)...), ErrZip, "backslash"},
		"NUL":                 {zipped(t, named1("gaze.csv\x00.txt")...), ErrZip, "other systems"},
		"code page":           {zipped(t, named1("gr\x94sse.csv")...), ErrZip, "other systems"},
		"too deep":            {zipped(t, named1(strings.Repeat("a/", maxDepth+1)+"b")...), ErrTree, "deep"},
		"link":                {zipped(t, changed1(func(fh *zip.FileHeader) { fh.SetMode(fs.ModeSymlink | 0o777) })...), ErrZip, "neither file nor folder"},
		"device":              {zipped(t, changed1(func(fh *zip.FileHeader) { fh.SetMode(fs.ModeDevice | 0o666) })...), ErrZip, "neither file nor folder"},
		"pipe":                {zipped(t, changed1(func(fh *zip.FileHeader) { fh.SetMode(fs.ModeNamedPipe | 0o666) })...), ErrZip, "neither file nor folder"},
		"file as folder":      {zipped(t, changed1(func(fh *zip.FileHeader) { fh.SetMode(fs.ModeDir | 0o777) })...), ErrZip, "says it is a folder"},
		"folder with bytes":   {zipped(t, entry{name: "a/", change: func(fh *zip.FileHeader) { fh.UncompressedSize64 = 5 }}), ErrZip, "bytes of its own"},
		"encrypted":           {zipped(t, changed1(func(fh *zip.FileHeader) { fh.Flags |= 1 })...), ErrZip, "encrypted"},
		"strongly encrypted":  {zipped(t, changed1(func(fh *zip.FileHeader) { fh.Flags |= 1 << 6 })...), ErrZip, "encrypted"},
		"bzip2":               {zipped(t, changed1(func(fh *zip.FileHeader) { fh.Method = 12 })...), ErrZip, "method (12)"},
		"twice":               {zipped(t, entry{name: "a", content: "1"}, entry{name: "a", content: "2"}), ErrZip, "two entries"},
		"folder twice":        {zipped(t, entry{name: "a/"}, entry{name: "a/"}), ErrZip, "two entries"},
		"file and folder":     {zipped(t, entry{name: "a"}, entry{name: "a/b"}), ErrZip, "two entries"},
		"folder and file":     {zipped(t, entry{name: "a/b"}, entry{name: "a"}), ErrZip, "two entries"},
		"case":                {zipped(t, entry{name: "gaze.csv"}, entry{name: "Gaze.csv"}), ErrZip, "upper and lower case"},
		"case of a folder":    {zipped(t, entry{name: "a/b"}, entry{name: "A/c"}), ErrZip, "upper and lower case"},
		"bomb":                {zipped(t, changed1(bomb)...), ErrZip, "bomb"},
		"bomb of sums":        {zipped(t, append(many(200), changed1(func(fh *zip.FileHeader) { fh.UncompressedSize64 = 1 << 62 })...)...), ErrZip, "bomb"},
		"stored, two sizes":   {zipped(t, entry{name: "a", content: "abc", change: func(fh *zip.FileHeader) { fh.UncompressedSize64 = 7 }}), ErrZip, "differ"},
		"re-timed":            {zipped(t, entry{name: "a/b"}, entry{name: "Pialign.JSON"}), retime.ErrRetimed, "Pialign.JSON"},
		"re-timed below":      {zipped(t, entry{name: "a/pialign.json"}), retime.ErrRetimed, filepath.Join("a", "pialign.json")},
		"shared bytes":        {le32(good, second+42, 0), ErrZip, "share bytes"},
		"beyond the end":      {le32(le32(good, second+20, 1<<20), second+24, 1<<20), ErrZip, "beyond the end"},
		"no local header":     {le32(good, second+42, 3), ErrZip, "damaged"},
		"local name":          {put(good, 30, "x"), ErrZip, `entry "a": zip that cannot be taken: the header before its bytes says name "x" and the directory "a"`},
		"local method":        {put(good, 8, "\x08"), ErrZip, `entry "a": zip that cannot be taken: the header before its bytes says method 8 and the directory 0`},
		"local encryption":    {put(good, 6, "\x01"), ErrZip, "says encrypted true"},
		"local checksum":      {put(good, 14, "\x00\x00\x00\x00"), ErrZip, "says checksum 00000000"},
		"local packed size":   {put(good, 18, "\x04"), ErrZip, "says packed size 4 and the directory 5"},
		"local size":          {put(good, 22, "\x06"), ErrZip, "says size 6 and the directory 5"},
		"local zip64, none":   {put(good, 18, "\xff\xff\xff\xff"), ErrZip, "says packed size 4294967295"},
		"local zip64, other":  {local64(6), ErrZip, "says size 6 and the directory 5"},
		"local of a folder":   {put(zipped(t, entry{name: "a/"}), 30, "b"), ErrZip, `says name "b/"`},
		"entries understated": {le32(good, end+8, 1|1<<16), ErrZip, "more entries than its end says"},
		"entries overstated":  {le32(good, end+8, 3|3<<16), ErrZip, "cut off"},
		"split":               {le32(good, end+4, 1), ErrZip, "split"},
		"bytes after it":      {append(bytes.Clone(good), "more"...), ErrZip, "after its end"},
		"bytes before it":     {append([]byte("PK\x03\x04"), good...), ErrZip, "before it"},
		"nothing but a head":  {[]byte("PK\x03\x04"), ErrZip, "cut off"},
	} {
		tree, err := Walk(saved(t, c.b))
		if !errors.Is(err, c.is) || tree != nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "a.zip") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %v with %q", name, err, c.is, c.says)
		}
	}
}

// local64 is a zip with one stored entry of 5 bytes, whose size stands in the extra field of zip64 before its bytes as if it
// were large, and as it is in the directory.
func local64(size uint64) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	field := binary.LittleEndian.AppendUint64([]byte{zip64ID, 0, 16, 0}, size)
	fh := &zip.FileHeader{Name: "a", Extra: binary.LittleEndian.AppendUint64(field, 5), CRC32: crc32.ChecksumIEEE([]byte("first")), UncompressedSize64: 5, CompressedSize64: 5}
	to, _ := w.CreateRaw(fh)
	to.Write([]byte("first"))
	w.Close() // of memory: no error
	all := b.Bytes()
	copy(all[18:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	return all
}

// later is a zip with one entry whose checksum and sizes stand behind its bytes, where change may change them.
func later(t testing.TB, change func(behind []byte) []byte) []byte {
	b := zipped(t, changed1(func(fh *zip.FileHeader) { fh.Flags |= descriptor })...)
	from := bytes.Index(b, []byte("PK\x07\x08"))
	now := change(bytes.Clone(b[from : from+16]))
	out := slices.Concat(b[:from], now, b[from+16:])
	start := out[len(out)-endSize-len("a comment")+16:] // of the directory
	binary.LittleEndian.PutUint32(start, binary.LittleEndian.Uint32(start)+uint32(len(now)-16))
	return out
}

// Checksum and sizes behind the bytes of an entry must be those of the directory, as far as they stand there, in whatever form.
func TestZipDescriptors(t *testing.T) {
	le := binary.LittleEndian
	wide := func(b []byte) []byte {
		out := le.AppendUint64(bytes.Clone(b[:8]), uint64(le.Uint32(b[8:])))
		return le.AppendUint64(out, uint64(le.Uint32(b[12:])))
	}
	flip := func(at int) func(b []byte) []byte {
		return func(b []byte) []byte { b[at] ^= 4; return b }
	}
	for name, change := range map[string]func(b []byte) []byte{
		"as it was":                 func(b []byte) []byte { return b },
		"no signature":              func(b []byte) []byte { return b[4:] },
		"64 bits":                   wide,
		"64 bits, and no signature": func(b []byte) []byte { return wide(b)[4:] },
		"none":                      func([]byte) []byte { return nil },
	} {
		tree, err := Walk(saved(t, later(t, change)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := contents(tree); err != nil || got["gaze.csv"] != "timestamp [ns]\n" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, change := range map[string]func(b []byte) []byte{
		"checksum": flip(4), "packed size": flip(9), "size": flip(12), "signature": flip(1),
		"64 bits, size":          func(b []byte) []byte { return flip(17)(wide(b)) },
		"checksum, no signature": func(b []byte) []byte { return flip(4)(b)[4:] },
	} {
		tree, err := Walk(saved(t, later(t, change)))
		if !errors.Is(err, ErrZip) || tree != nil || !strings.Contains(err.Error(), "behind its bytes") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// a size before the bytes that is none of theirs
	b := later(t, func(b []byte) []byte { return b })
	b[22] = 9
	if _, err := Walk(saved(t, b)); !errors.Is(err, ErrZip) || !strings.Contains(err.Error(), "says size 9") {
		t.Errorf("a size before the bytes: %v", err)
	}
}

// Headers before the bytes may leave checksum and sizes to what follows, or say the sizes in 64 bits.
func TestZipLocalHeaders(t *testing.T) {
	later := changed1(func(fh *zip.FileHeader) { fh.Flags |= descriptor })
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"sizes behind the bytes": {zipped(t, later...), later[0].content},
		"zip64":                  {local64(5), "first"},
	} {
		tree, err := Walk(saved(t, c.b))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := contents(tree); err != nil || len(got) != 1 || got[tree.Files[0].Name] != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// What the directory says of the content is believed only as far as the content bears it out.
func TestZipContentIsChecked(t *testing.T) {
	long := strings.Repeat("0123456789", 10_000)
	for name, c := range map[string]struct {
		change func(*zip.FileHeader)
		says   string
	}{
		"checksum":         {func(fh *zip.FileHeader) { fh.CRC32++ }, "checksum"},
		"checksum of none": {func(fh *zip.FileHeader) { fh.CRC32 = 0 }, "checksum"}, // which archive/zip takes for unknown
		"longer":           {func(fh *zip.FileHeader) { fh.UncompressedSize64 -= 10 }, "more than"},
		"shorter":          {func(fh *zip.FileHeader) { fh.UncompressedSize64 += 10 }, "less than"},
		"cut off":          {func(fh *zip.FileHeader) { fh.CompressedSize64 -= 10 }, "cut off"},
	} {
		tree, err := Walk(saved(t, zipped(t, entry{"a.csv", long, zip.Deflate, c.change})))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = contents(tree)
		if !errors.Is(err, ErrZip) || !strings.Contains(err.Error(), c.says) || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
	}
}

// Whatever is cut off or flipped: an error, or the files as they were.
func TestZipDamagedAnywhere(t *testing.T) {
	b := zipped(t, entry{name: "a.csv", content: "timestamp [ns]\n1700000000000000015\n", method: zip.Deflate}, entry{name: "b.bin", content: "\x00\x01\x02"})
	want := map[string]bool{"timestamp [ns]\n1700000000000000015\n": true, "\x00\x01\x02": true}
	read := func(b []byte) (map[string]string, error) {
		tree, err := Walk(saved(t, b))
		if err != nil {
			return nil, err
		}
		return contents(tree)
	}
	for n := 4; n < len(b); n++ {
		if got, err := read(b[:n]); err == nil {
			t.Fatalf("of %d bytes the first %d are taken: %q", len(b), n, got)
		}
	}
	fine := 0
	for at := 4; at < len(b); at++ { // the first four say that it is a zip
		for _, flip := range []byte{1, 0x80} {
			bad := bytes.Clone(b)
			bad[at] ^= flip
			got, err := read(bad)
			if err != nil {
				continue
			}
			fine++
			for name, content := range got {
				if !want[content] {
					t.Errorf("byte %d flipped: %s holds %q", at, name, content)
				}
			}
		}
	}
	if fine == 0 {
		t.Error("no flip is harmless: times, comments and modes are looked at")
	}
}

func TestZipThatChanges(t *testing.T) {
	b := zipped(t, honest...)
	path := saved(t, b)
	tree, err := Walk(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(filepath.Dir(path), "b.zip")
	if err := os.WriteFile(other, b, 0o666); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(other, info.ModTime(), info.ModTime()); err != nil { // same size, same time, another file
		t.Fatal(err)
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(tree.Files[0]); !errors.Is(err, retime.ErrChanged) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

// Zips of more than 65535 entries have zip64 records, and are bounded all the same.
func TestZipOfManyEntries(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundred thousand entries")
	}
	make := func(n int) string {
		var all []entry
		for i := range n {
			all = append(all, entry{name: fmt.Sprintf("%d/%d", i/1000, i)})
		}
		return saved(t, zipped(t, all...))
	}
	tree, err := Walk(make(70_000))
	if err != nil || len(tree.Files) != 70_000 || len(tree.Folders) != 70 {
		t.Errorf("%v", err)
	}
	if _, err := Walk(make(maxFiles + 1)); !errors.Is(err, ErrTree) || !strings.Contains(err.Error(), "more than 200000 files") {
		t.Errorf("too many files: %v", err)
	}
	if _, err := Walk(make(maxEntries + 1)); !errors.Is(err, ErrZip) || !strings.Contains(err.Error(), "400001 entries") {
		t.Errorf("too many entries: %v", err)
	}
}
