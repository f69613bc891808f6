package player

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// one is a run over one recording, for readers of single files.
func one(t testing.TB) (*run, *group) {
	t.Helper()
	in, err := infojson.Parse([]byte(info))
	if err != nil {
		t.Fatal(err)
	}
	s := &scope{dir: ".", info: in, inside: true, file: folder.File{Name: invisibleInfoName}}
	r := &Recording{root: "rec", tree: &folder.Tree{}, scopes: []*scope{s}}
	u, err := r.begin(context.Background(), line(0, 0), retime.Options{SenderStamps: retime.SenderDevice})
	if err != nil {
		t.Fatal(err)
	}
	return u, u.groups[0]
}

// identity claims: no panic, and where there is no error every byte comes out again.
func identity(t *testing.T, in []byte, do func(w io.Writer, r io.Reader) error) {
	var out bytes.Buffer
	if err := do(&out, bytes.NewReader(in)); err == nil && !bytes.Equal(out.Bytes(), in) {
		t.Fatalf("%q became %q", in, out.Bytes())
	}
}

func FuzzNpy(f *testing.F) {
	f.Add([]byte(npyOf("'<f8'", 2) + doubles(1, 2.5)))
	f.Add([]byte(npyOf("[('a', '|b1'), ('timestamp', '<f8')]", 1) + "\x01" + doubles(1)))
	f.Add([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		u, g := one(t)
		identity(t, in, func(w io.Writer, r io.Reader) error {
			return u.npy(folder.File{Name: "a_timestamps.npy"}, g, w, r, &scanned{})
		})
	})
}

func FuzzPldata(f *testing.F) {
	f.Add(datumOf(12.5))
	f.Add(append(datumOf(1), datumOf(2)...))
	f.Add([]byte("\x92\xa1a\xc4\x01\x80"))
	f.Fuzz(func(t *testing.T, in []byte) {
		u, g := one(t)
		identity(t, in, func(w io.Writer, r io.Reader) error {
			return u.pldata(folder.File{Name: "gaze.pldata"}, g, w, r, &scanned{})
		})
	})
}

func FuzzTime(f *testing.F) {
	f.Add([]byte(opened()["world.time"]))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, in []byte) {
		u, g := one(t)
		for _, name := range []string{"world.time", "event.time"} {
			identity(t, in, func(w io.Writer, r io.Reader) error { return u.times(folder.File{Name: name}, g, w, r, &scanned{}) })
		}
	})
}

// FuzzTable goes the whole way that a CSV goes, by its header.
func FuzzTable(f *testing.F) {
	for name, b := range opened() {
		if filepath.Ext(name) == ".csv" {
			f.Add([]byte(b))
		}
	}
	for _, b := range neon {
		f.Add([]byte(b))
	}
	for _, table := range []string{"world_index,gaze_timestamp,base_data\n0,0.25,\n1,0.254,\n2,0.258,0.254-0 0.258-1\n",
		"recording id,timestamp [ns],name,type\n" + id + ",1700000000123000000,a,b\n" + id + ",1700000000124000000,\"c\",d\n" + id + ",1700000000125000000,e,f\n"} {
		for _, d := range retimetest.Damages(table, 1) {
			if len(d.Text) < 1<<16 {
				f.Add([]byte(d.Text))
			}
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, in []byte) {
		u, _ := one(t)
		path := filepath.Join(dir, "a.csv")
		if err := os.WriteFile(path, in, 0o666); err != nil {
			t.Fatal(err)
		}
		tree, err := folder.Walk(dir)
		if err != nil {
			t.Fatal(err)
		}
		file := tree.Files[0]
		do, _, err := u.table(file, &scanned{})
		if err == nil && do != nil {
			identity(t, in, do)
		}
	})
}

func FuzzPlayerInfo(f *testing.F) {
	f.Add([]byte(playerInfoText))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := parsePlayerInfo(in)
		if (p == nil) == (err == nil) {
			t.Fatal(p, err)
		}
		if err == nil {
			for i := 1; i < len(p.starts); i++ {
				if p.starts[i].from < p.starts[i-1].to {
					t.Fatal("spans overlap")
				}
			}
			if got := p.retimed(5, 5); !bytes.Equal(got, in) {
				t.Fatalf("%q", got)
			}
			p.retimed(5, 6)
		}
	})
}
