package batch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Shard is one of n parts of a plan. I counts from 1.
type Shard struct{ I, N int }

// Whole is all of a plan.
var Whole = Shard{1, 1}

// ErrShard: a shard that makes no sense, or that the environment does not tell.
var ErrShard = errors.New("shard")

// ParseShard reads i/n. Where i is left out, as in /8, it comes from the environment of a job array.
func ParseShard(text string, getenv func(string) string) (Shard, error) {
	left, right, ok := strings.Cut(text, "/")
	n, err := strconv.Atoi(right)
	if !ok || err != nil || n < 1 {
		return Shard{}, fmt.Errorf("%w %q: want i/n, as 3/8, i from 1 to n", ErrShard, text)
	}
	if left == "" {
		i, by, err := indexIn(getenv)
		switch {
		case err != nil:
			return Shard{}, err
		case by == "":
			return Shard{}, fmt.Errorf("%w %q: no job array's index is in the environment (%s)", ErrShard, text, strings.Join(arrayNames(), ", "))
		case i < 1 || i > n:
			return Shard{}, fmt.Errorf("%w %q: %s makes it number %d of %d", ErrShard, text, by, i, n)
		}
		return Shard{i, n}, nil
	}
	i, err := strconv.Atoi(left)
	if err != nil || i < 1 || i > n {
		return Shard{}, fmt.Errorf("%w %q: want i/n, as 3/8, i from 1 to n", ErrShard, text)
	}
	return Shard{i, n}, nil
}

// ChooseShard returns the shard that flag asks for or, where that is empty, the environment of a job array, and by what it is told: a flag
// or a variable with its value; "" for all of a plan.
func ChooseShard(flag string, getenv func(string) string) (s Shard, by string, err error) {
	if flag == "" {
		if s, err = EnvShard(getenv); err != nil || s == Whole {
			return s, "", err
		}
		_, by, err = indexIn(getenv)
		return s, by, err
	}
	if s, err = ParseShard(flag, getenv); err != nil {
		return Shard{}, "", err
	}
	by = "--shard " + flag
	if strings.HasPrefix(flag, "/") {
		_, index, err := indexIn(getenv)
		return s, by + " and " + index, err
	}
	return s, by, nil
}

// String writes i/n.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.I, s.N) }

// array is how a scheduler tells a task of a job array which one it is.
type array struct{ id, first, last, step, count string }

// arrays are those of Slurm, Grid Engine, PBS Pro, Torque and Kubernetes. The last three do not say how many tasks there are.
var arrays = []array{
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP", "SLURM_ARRAY_TASK_COUNT"},
	{"SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE", ""},
	{id: "PBS_ARRAY_INDEX"},
	{id: "PBS_ARRAYID"},
	{id: "JOB_COMPLETION_INDEX"},
}

func arrayNames() []string {
	var names []string
	for _, a := range arrays {
		names = append(names, a.id)
	}
	return names
}

// EnvShard returns the shard that the environment of a job array tells; Whole outside one. An array whose tasks are not counted
// off from the first to the last in equal steps, as one that was submitted again for some of its tasks, is refused: its shards would be others.
func EnvShard(getenv func(string) string) (Shard, error) {
	for _, a := range arrays {
		id, ok, err := a.number(a.id, getenv)
		if err != nil {
			return Shard{}, err
		}
		if !ok {
			continue
		}
		say := func(what string) (Shard, error) {
			return Shard{}, fmt.Errorf("%w: %s=%d, but %s; say which shard it is: --shard %d/n", ErrShard, a.id, id, what, id)
		}
		if a.first == "" {
			return say("nothing tells how many tasks there are")
		}
		first, ok1, err1 := a.number(a.first, getenv)
		last, ok2, err2 := a.number(a.last, getenv)
		step, ok3, err3 := a.number(a.step, getenv)
		if err := errors.Join(err1, err2, err3); err != nil {
			return Shard{}, err
		}
		if !ok1 || !ok2 {
			return say("nothing tells how many tasks there are")
		}
		if !ok3 {
			step = 1
		}
		if step < 1 || last < first || id < first || id > last || (id-first)%step != 0 {
			return say("its first, last and step make no sense with it")
		}
		s := Shard{(id-first)/step + 1, (last-first)/step + 1}
		if a.count != "" {
			if n, ok, err := a.number(a.count, getenv); err != nil || ok && n != s.N {
				return say("the array has gaps")
			}
		}
		return s, nil
	}
	return Whole, nil
}

// number reads one variable. Grid Engine writes undefined where there is no array.
func (a array) number(name string, getenv func(string) string) (int, bool, error) {
	text := getenv(name)
	if name == "" || text == "" || text == "undefined" {
		return 0, false, nil
	}
	v, err := strconv.Atoi(text)
	if err != nil {
		return 0, false, fmt.Errorf("%w: %s=%q is no number", ErrShard, name, text)
	}
	return v, true, nil
}

// indexIn returns which task of an array this is, from 1, and by what variable it is told; "" outside one.
func indexIn(getenv func(string) string) (int, string, error) {
	for _, a := range arrays {
		id, ok, err := a.number(a.id, getenv)
		switch {
		case err != nil:
			return 0, "", err
		case !ok:
			continue
		case a.id == "JOB_COMPLETION_INDEX": // from 0
			id++
		}
		return id, a.id + "=" + getenv(a.id), nil
	}
	return 0, "", nil
}

// Of returns the lines of a shard, as indices in ascending order. Every line is in one shard; shards have about the same number of bytes:
// the largest goes to the shard that has least so far. Lines of the same sessions stay together as far as that allows, since every shard fits for itself.
func (s Shard) Of(lines []Line) []int {
	groups := together(lines, s.N)
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(b.load, a.load) })
	load := make([]int64, s.N)
	var mine []int
	for _, g := range groups {
		least := 0
		for j, l := range load {
			if l < load[least] {
				least = j
			}
		}
		load[least] += g.load
		if least == s.I-1 {
			mine = append(mine, g.lines...)
		}
	}
	slices.Sort(mine)
	return mine
}

// group is lines that go to one shard.
type group struct {
	lines []int
	load  int64
}

// loadOf is what a line costs in bytes, with what opening and renaming do.
func loadOf(l Line) int64 { return l.Size() + 1<<20 }

// together groups lines of the same sessions, up to a quarter of what a shard has to do.
func together(lines []Line, shards int) (groups []group) {
	var total int64
	for _, l := range lines {
		total += loadOf(l)
	}
	most := total / int64(shards) / 4
	open := map[string]int{}
	for i, l := range lines {
		key, load := strings.Join(l.Sessions, "\x00"), loadOf(l)
		at, ok := open[key]
		if key == "" || !ok || groups[at].load+load > most {
			at = len(groups)
			groups = append(groups, group{})
			open[key] = at
		}
		groups[at].lines, groups[at].load = append(groups[at].lines, i), groups[at].load+load
	}
	return groups
}
