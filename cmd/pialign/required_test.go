package main

import (
	"os"
	"testing"
)

// skipUnlessRequired skips a test of what the system does not offer, where not everything is required.
func skipUnlessRequired(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
		t.Fatalf("required of this system: %v", err)
	}
	t.Skipf("not offered by this system: %v", err)
}
