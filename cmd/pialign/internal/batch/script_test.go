package batch

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestShellWord has a shell say what it makes of a word.
func TestShellWord(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatal("sh is required: ", err)
		}
		t.Skip("no sh here: ", err)
	}
	for _, want := range []string{"plain", "", " ", "it's", `''`, "a\nEND\n#SBATCH --x", "$(touch x) `y` \\ \"", "-e", "~", "é\xff", "a;b&c|d<e>f", "{a,b}*?[", "#no comment", "=x", "!!"} {
		out, err := exec.Command(sh, "-c", "printf %s. "+ShellWord(want)).Output()
		if err != nil || string(out) != want+"." {
			t.Errorf("%q became %s and that %q, %v", want, ShellWord(want), out, err)
		}
	}
}

func TestTasksOf(t *testing.T) {
	lines := func(n int, bytes int64) []Line {
		all := make([]Line, n)
		for i := range all {
			all[i].Bytes = bytes
		}
		return all
	}
	for _, c := range []struct {
		lines []Line
		want  int
	}{
		{nil, 1},
		{lines(300, 1000), 1},         // a minute
		{lines(300, 1<<40), 300},      // no more than there are lines
		{lines(20_000, 1<<40), 1000},  // no more than Slurm takes
		{lines(300, 500_000_000), 11}, // 300 times 10.2 s, by 5 minutes
		{lines(3, 1<<62), 3},          // hundreds of years each
		{lines(10_000, 1_000_000), 8}, // 10 000 times 0.22 s
		{lines(1501, 0), 2},           // 5 minutes and a bit
		{lines(300, -5), 1},           // whatever a plan says
	} {
		if got := TasksOf(c.lines, 5*time.Minute); got != c.want {
			t.Errorf("%d lines: %d tasks, want %d", len(c.lines), got, c.want)
		}
	}
}

// TestScriptQuotes shows that nothing that others chose stands in a script unquoted, above all not in a comment or for Slurm.
func TestScriptQuotes(t *testing.T) {
	const evil = "/x\n#SBATCH --wrap=evil\nEND\n{OUT}"
	var b strings.Builder
	s := Script{Program: evil, Plan: evil, Out: evil, Tasks: 2, Processors: 2, Memory: 5<<20 + 1, Minutes: 60, Run: []string{"--x", evil}, Merge: []string{evil}}
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "'"+evil+"'"); n != 5 || strings.Count(b.String(), evil) != n {
		t.Errorf("%d of 5 are quoted:\n%s", n, b.String())
	}
	if !strings.Contains(b.String(), "\n#SBATCH --mem=6M\n") {
		t.Error("memory is rounded down")
	}
}
