package columnar

import (
	"strings"
	"testing"
)

// GroupRows is how many rows a group has.
const GroupRows = groupRows

// TestKinds: a column is what its cells allow without a value changing.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name, cells string
		want        Kind
	}{
		{"a", "1 2 -3", Int}, {"a", "1 2.5", Double}, {"a", "9223372036854775807", Int}, {"a", "9223372036854775809", Text}, {"a", "9223372036854775808", Double},
		{"a", "9007199254740993 0.5", Text},    // the double would be ...992
		{"a", "9007199254740992 0.5", Double},  // and this is one
		{"a", "01 2", Text}, {"a", "+1", Text}, // not how a number is written
		{"a", "-0 1", Double}, {"a", "1e5 2", Double}, {"a", "1.", Text}, {"a", ".5", Text}, {"a", "0x10", Text}, {"a", "1_000", Text},
		{"a", "true false", Bool}, {"a", "true 1", Text}, {"a", "True", Text}, {"a", "1.5 nan", Double}, {"a", "NaN", Text}, {"a", "1.5 inf -inf", Double},
		{"a", "0.1000000000000000055511151231257827", Text}, // more than a double's digits
		{"a", "0.10000000000000001", Double},                // 17 digits of one
		{"a", "0.30000000000000004", Double}, {"a", "-0.12345678901234568", Double}, {"a", "0.12345678901234567", Text}, {"a", "1e400", Text}, {"a", "1e-400", Text}, {"a", "5e-324", Text},
		{"a", "2.50", Double}, {"a", "", Text}, {"a", "1.2.3", Text}, {"a", "\xff", Binary},
		{"worn", "1", Double}, {"worn", "1.0", Double}, {"worn", "yes", Text}, {"worn", "", Double},
		{"fixation id", "", Int}, {"fixation id", "1.5", Double}, {"Fixation ID ", "3", Int}, {"name", "1", Text}, {"name", "\xff", Binary},
		{"gaze x [px]", "800", Double}, {"yaw", "", Double},
	} {
		s := fresh(c.name)
		for cell := range strings.SplitSeq(c.cells, " ") {
			s.see([]byte(cell))
		}
		if got := s.kind(c.name); got != c.want {
			t.Errorf("%s of %q is %v, want %v", c.name, c.cells, got, c.want)
		}
	}
}
