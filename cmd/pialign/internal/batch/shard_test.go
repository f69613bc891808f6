package batch

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestShardsPartitionThePlan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		lines := make([]Line, r.IntN(400))
		var total, most int64
		for i := range lines {
			lines[i].Bytes = r.Int64N(1 << r.IntN(34))
			if k := r.IntN(20); k > 0 {
				lines[i].Sessions = []string{fmt.Sprint(k)}
			}
			total += lines[i].Bytes + 1<<20
			most = max(most, lines[i].Bytes+1<<20)
		}
		n := 1 + r.IntN(20)
		var all []int
		for i := 1; i <= n; i++ {
			mine := Shard{i, n}.Of(lines)
			var load int64
			for _, j := range mine {
				load += lines[j].Bytes + 1<<20
			}
			if least := total / int64(n); load > least+max(most, least/4) { // what giving the largest to the least can miss by: one line, or some of a session
				t.Errorf("shard %d of %d has %d bytes of %d, and no line has more than %d", i, n, load, total, most)
			}
			all = append(all, mine...)
		}
		slices.Sort(all)
		for i, j := range all {
			if i != j {
				t.Fatalf("line %d is in no shard, or in two", i)
			}
		}
		if len(all) != len(lines) {
			t.Fatalf("%d of %d lines", len(all), len(lines))
		}
	}
}

// TestShardsKeepSessionsTogether: of three hundred recordings in a hundred sessions eight shards fit few twice.
func TestShardsKeepSessionsTogether(t *testing.T) {
	lines := make([]Line, 300)
	for i := range lines {
		lines[i] = Line{Bytes: 100 << 20, Sessions: []string{fmt.Sprint(i % 100)}}
	}
	fits := 0
	for i := 1; i <= 8; i++ {
		sessions := map[string]bool{}
		for _, j := range (Shard{i, 8}).Of(lines) {
			sessions[lines[j].Sessions[0]] = true
		}
		fits += len(sessions)
	}
	if fits != 100 {
		t.Errorf("%d fits of 100 sessions", fits)
	}
}

func TestShardOfAJobArray(t *testing.T) {
	for _, c := range []struct {
		env  string
		want Shard
		says string // of an error
	}{
		{"", Whole, ""},
		{"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=8", Shard{3, 8}, ""},
		{"SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=8", Shard{1, 8}, ""},
		{"SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_STEP=4 SLURM_ARRAY_TASK_COUNT=3", Shard{3, 3}, ""},
		// sbatch --array=3,7, and 3 alone, as a task is submitted again: which shards they were before nobody knows
		{"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=2", Shard{}, "gaps"},
		{"SLURM_ARRAY_TASK_ID=x", Shard{}, "no number"},
		{"SGE_TASK_ID=undefined", Whole, ""},
		{"SGE_TASK_ID=4 SGE_TASK_FIRST=2 SGE_TASK_LAST=8 SGE_TASK_STEPSIZE=2", Shard{2, 4}, ""},
		{"PBS_ARRAY_INDEX=4", Shard{}, "--shard 4/n"},
		{"JOB_COMPLETION_INDEX=0", Shard{}, "how many"},
	} {
		got, err := EnvShard(environment(c.env))
		if got != c.want || (err != nil) != (c.says != "") || err != nil && (!errors.Is(err, ErrShard) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, %v; want %v and %q", c.env, got, err, c.want, c.says)
		}
	}
	for _, c := range []struct {
		text, env string
		want      Shard
		says      string
	}{
		{"3/8", "", Shard{3, 8}, ""},
		{"3/8", "SLURM_ARRAY_TASK_ID=5", Shard{3, 8}, ""},
		{"/8", "PBS_ARRAY_INDEX=5", Shard{5, 8}, ""},
		{"/8", "JOB_COMPLETION_INDEX=0", Shard{1, 8}, ""},
		{"/8", "SLURM_ARRAY_TASK_ID=9", Shard{}, "SLURM_ARRAY_TASK_ID=9"},
		{"/8", "", Shard{}, "no job array"},
		{"0/8", "", Shard{}, "from 1"},
		{"9/8", "", Shard{}, "from 1"},
		{"8", "", Shard{}, "want i/n"},
		{"a/b", "", Shard{}, "want i/n"},
	} {
		got, err := ParseShard(c.text, environment(c.env))
		if got != c.want || (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s: %v, %v; want %v and %q", c.text, c.env, got, err, c.want, c.says)
		}
	}
}

func environment(text string) func(string) string {
	return func(name string) string {
		for _, pair := range strings.Fields(text) {
			if k, v, _ := strings.Cut(pair, "="); k == name {
				return v
			}
		}
		return ""
	}
}
