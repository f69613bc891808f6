package probelog

import (
	"os/exec"
	"strings"
	"testing"
)

// TestNoGRPC: one import of pqarrow would link all of grpc, 20 MB, into the command.
func TestNoGRPC(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 50 {
		t.Fatalf("only %d dependencies are listed", len(deps))
	}
	for _, d := range deps {
		if strings.Contains(d, "grpc") || strings.Contains(d, "pqarrow") || strings.Contains(d, "arrow/flight") {
			t.Errorf("links %s", d)
		}
	}
}
