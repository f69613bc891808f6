package batch

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// MostTasks is how many tasks a job array of Slurm has at most, unless a cluster says otherwise, beside the one that sums up.
const MostTasks = 1000

// What the work of a task is taken to cost: its share of a network disk that others use too, and of each recording the opening, fitting and renaming.
const (
	workRate = 50_000_000 // bytes a second
	workEach = 200 * time.Millisecond
)

// Script is a job array for Slurm.
type Script struct {
	Program, Plan, Out string   // absolute paths
	About              string   // what there is to do, in one line; nothing of the plan's own texts
	Tasks              int      // parts of the plan, from 1 to MostTasks
	Processors         int      // of a task
	Memory             int64    // bytes of a task
	Minutes            int      // after which Slurm ends a task
	Run, Merge         []string // options of batch run and batch merge
}

// Effort returns how long lines take one task, roughly; no more than a century.
func Effort(lines []Line) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	var sum time.Duration
	for _, l := range lines {
		seconds := min(float64(max(l.Bytes, 0))/workRate, century.Seconds())
		sum = min(sum+workEach+time.Duration(seconds*1e9), century)
	}
	return sum
}

// TasksOf returns into how many tasks lines are cut for each to take about so long: no more than there are lines, or than MostTasks.
func TasksOf(lines []Line, each time.Duration) int {
	n := (Effort(lines) + each - 1) / each
	return max(1, int(min(n, time.Duration(len(lines)), MostTasks)))
}

// Write writes the script. Each word of it that somebody else chose is quoted, and none is in a comment.
func (s Script) Write(w io.Writer) error {
	const mebi = 1 << 20
	text := strings.NewReplacer(
		"{ABOUT}", s.About,
		"{TASKS}", fmt.Sprint(s.Tasks),
		"{PROCESSORS}", fmt.Sprint(s.Processors),
		"{MEMORY}", fmt.Sprint((s.Memory+mebi-1)/mebi),
		"{MINUTES}", fmt.Sprint(s.Minutes),
		"{PROGRAM}", ShellWord(s.Program),
		"{PLAN}", ShellWord(s.Plan),
		"{OUT}", ShellWord(s.Out),
		"{RUN}", shellWords(s.Run),
		"{MERGE}", shellWords(s.Merge),
	).Replace(scriptText)
	_, err := io.WriteString(w, text)
	return err
}

func shellWords(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(" " + ShellWord(w))
	}
	return b.String()
}

// ShellWord returns text as one word of a POSIX shell, whatever is in it but NUL.
func ShellWord(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./%@"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
