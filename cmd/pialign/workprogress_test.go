package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/table"
)

// lockedBuffer is a buffer that a test may read while it is written to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestWorkProgressTellsEachTenth: of two parts, the first of which is over before anything is told. Time is made up.
func TestWorkProgressTellsEachTenth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var talk lockedBuffer
		p := newWorkProgress(&talk, "re-timing", 100e6)
		first := p.part(20e6, func() int64 { return 20e6 })
		<-time.After(950 * time.Millisecond) // looks are at whole fifths of a second
		first.done()
		if talk.String() != "" {
			t.Errorf("told of what is over soon: %q", talk.String())
		}
		var n atomic.Int64
		second := p.part(80e6, n.Load)
		for i := range 20 {
			n.Store(int64(i) * 4e6)
			<-time.After(time.Second)
		}
		second.done()
		p.close()
		lines := strings.Split(strings.TrimSpace(talk.String()), "\n")
		last := 10
		for _, line := range lines { // on a busy computer it looks less often, and may leave some out
			var percent, mb int
			_, err := fmt.Sscanf(line, "pialign: re-timing: %d %%, %d.0 MB of 100.0 MB", &percent, &mb)
			if err != nil || percent%10 != 0 || percent <= last || percent > 90 || mb < percent || mb >= percent+10 {
				t.Errorf("after %d %%: %q (%v)", last, line, err)
			}
			last = percent
		}
	})
}

// TestWorkProgressOfSeveralAtOnce: what is done of all of them counts together, of one that is dropped nothing.
func TestWorkProgressOfSeveralAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var talk lockedBuffer
		p := newWorkProgress(&talk, "re-timing", 100e6)
		for _, mb := range []int64{10, 25} {
			p.part(50e6, func() int64 { return mb * 1e6 })
		}
		p.part(50e6, func() int64 { return 50e6 }).drop()
		<-time.After(3 * time.Second)
		p.say(func() { fmt.Fprintln(&talk, "said") })
		p.close()
		if got := talk.String(); got != "pialign: re-timing: 30 %, 35.0 MB of 100.0 MB\nsaid\n" {
			t.Errorf("%q", got)
		}
	})
}

func TestTimeLeft(t *testing.T) {
	for _, c := range []struct {
		n    int64
		past time.Duration
		want string
	}{
		{0, time.Minute, ""},
		{50e6, time.Second, ""}, // too early to tell
		{25e6, 5 * time.Second, ", 5.0 MB/s, 15.0 s left"},
		{1e6, time.Minute, ", 16.7 kB/s, 1 h 39 min left"},
		{200e6, 10 * time.Second, ", 20.0 MB/s"},
	} {
		if got := timeLeft(c.n, 100e6, c.past); got != c.want {
			t.Errorf("%d bytes in %v: %q, want %q", c.n, c.past, got, c.want)
		}
	}
}

func TestUnfinishedIsCounted(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, n int) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, n), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(".pialign-OLD/a", 1)
	written := unfinishedIn(dir)
	write(".pialign-NEW/a", 10)
	write(".pialign-NEW/sub/b", 100)
	write("done/a", 1000)
	if got := written(); got != 110 {
		t.Errorf("%d bytes, want 110", got)
	}
	if got := unfinishedIn(filepath.Join(dir, "nowhere"))(); got != 0 {
		t.Errorf("%d bytes where there is no folder", got)
	}
}

// TestApplyIsCancelled: Ctrl-C while a large file is copied leaves nothing.
func TestApplyIsCancelled(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	madeSession(t, same)
	const large = 2 << 30 // a second's copy at the least; it has no blocks on disk, and its copy ends early
	if free, err := freeSpaceAbove(dir); err == nil && free < 2*large {
		t.Skipf("only %d bytes are free", free)
	}
	video := same("in/rec/scene.mp4")
	if err := os.WriteFile(video, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(video, large); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if found, _ := filepath.Glob(same("out/.pialign-*/scene.mp4")); len(found) > 0 || ctx.Err() != nil {
				cancel()
				return
			}
		}
	}()
	code, out, talk := command(ctx, "apply", "--session", same("p01"), same("in/rec"), "--out", same("out"))
	if code != exitInterrupted || !strings.Contains(talk, "interrupted: 0 of 1 recordings are done") {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
	if _, err := os.Lstat(same("out")); err == nil {
		t.Error("something is left")
	}
}

// TestReadIsCounted: of work that writes nothing, a folder, its zip and a table; and nothing of what was read before.
func TestReadIsCounted(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	if err := makeRecording(same, []string{"in/rec"}); err != nil {
		t.Fatal(err)
	}
	if err := pack(same("in/rec"), same("rec.zip")); err != nil {
		t.Fatal(err)
	}
	column, err := table.ParseColumn("timestamp [ns]:ns")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []struct {
		path    string
		columns []table.Column
	}{{"in/rec", nil}, {"rec.zip", nil}, {"in/rec/gaze.csv", []table.Column{column}}} {
		rec, err := applyOptions{columns: o.columns}.openOne(same(o.path))
		if err != nil {
			t.Fatal(err)
		}
		const size = 1000
		for range 2 {
			done := readOf(rec, size)
			if n := done(); n != 0 {
				t.Errorf("%s: %d of %d before anything was read", o.path, n, size)
			}
			if _, err := rec.Check(t.Context(), retime.Unmoved, retime.Options{}); err != nil {
				t.Fatal(err)
			}
			if n := done(); n != size {
				t.Errorf("%s: %d of %d in the end", o.path, n, size)
			}
		}
	}
	if n := readOf(nil, 5)(); n != 0 {
		t.Errorf("%d bytes of nothing", n)
	}
}
