package columnar_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestNoGRPC: pqarrow, with which such files are usually written, would link all of grpc into the command. Nothing else of it may either.
func TestNoGRPC(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "../../cmd/pialign").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 100 {
		t.Fatalf("only %d dependencies are listed", len(deps))
	}
	for _, d := range deps {
		if strings.Contains(d, "grpc") || strings.Contains(d, "pqarrow") || strings.Contains(d, "arrow/flight") {
			t.Errorf("links %s", d)
		}
	}
}
