package retime

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
)

// The bytes are those of the plain encoder, whatever is in the names.
func TestManifestIsPlainJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	names := []string{"gaze.csv", "\n  \"files\": []", `"files": []`, "<a>&b", "\u2028", "\xff", ""}
	for n := range 60 {
		m := sample()
		m.Program = names[r.IntN(len(names))]
		m.Files = nil
		if n > 0 {
			m.Files = []ManifestFile{}
		}
		for i := range r.IntN(n + 1) {
			f := ManifestFile{Name: fmt.Sprint(names[r.IntN(len(names))], i), Action: "retimed", Rows: r.IntN(3)}
			for range r.IntN(3) {
				f.Columns = append(f.Columns, names[r.IntN(len(names))])
			}
			m.Files = append(m.Files, f)
		}
		got, err := m.encode()
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if e := e.Encode(m); e != nil || err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("%d files: %v, %v\n%s\nwant\n%s", len(m.Files), e, err, got, want.Bytes())
		}
	}
}
