package retimetest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Hyparquet reads the Parquet file at path with hyparquet, which shares no code with arrow's reader or ours, and puts what the script, a file below the
// test's folder, prints of it into out. The folder that hyparquet is installed in is PIALIGN_HYPARQUET; without it the test is skipped, where
// nothing requires it: npm install --prefix FOLDER hyparquet@1.31.5 fzstd@0.1.1
func Hyparquet(t *testing.T, script, path string, out any) {
	t.Helper()
	folder := os.Getenv("PIALIGN_HYPARQUET")
	if folder == "" {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatal("PIALIGN_HYPARQUET is not set")
		}
		t.Skip("PIALIGN_HYPARQUET is not set")
	}
	script, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	b, err := exec.CommandContext(t.Context(), "node", script, folder, path).Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			t.Fatalf("%v: %s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, out); err != nil {
		t.Fatal(err)
	}
}
