package alignfile_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/alignfile"
)

// The numbers are those of docs/formats/alignment.md.
func ExampleRead() {
	f, err := alignfile.Read("../../docs/formats/alignment.example.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	host, err := f.Alignment.Wall.Host(align.DeviceTime(1790000000000000001))
	fmt.Println(f.Device.Name, host, err)
	// Output: OnePlus8 1790000000883200001 <nil>
}

// TestDocumentedExample: the example of the documentation is what Write makes, byte for byte.
func TestDocumentedExample(t *testing.T) {
	const path = "../../docs/formats/alignment.example.json"
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := alignfile.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := alignfile.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("it is written as\n%s", got)
	}
}
