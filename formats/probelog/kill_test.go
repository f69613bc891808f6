package probelog

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
)

// killedEnv makes this test binary the program that is killed. Its value is the folder of the session.
const killedEnv = "PIALIGN_TEST_PROBELOG_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedEnv); dir != "" {
		appendForEver(dir)
	}
	os.Exit(m.Run())
}

// appendForEver appends exchanges and reports each on stdout once Append has returned.
func appendForEver(dir string) {
	h := testHeader()
	w, err := Create(dir, h)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		if err := w.Append(killedRow(h, i)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(i)
	}
}

// killedRow is exchange i, with a text of a length that varies, so that lines end anywhere in a page.
func killedRow(h Header, i int) Row {
	r := testRows(h, 1)[0]
	r.Seq = int64(i)
	r.E += align.DeviceTime(i)
	r.RecordingID = strings.Repeat("r", i*37%500)
	return r
}

// TestKillLosesNothing ends a program with SIGKILL (TerminateProcess on Windows) at 50 random moments while it
// appends. The promise is that nothing older than a second is lost, for the sake of a computer that loses its
// power. A program that is killed loses less: Append gives a row to the operating system, so every row that was
// reported is in the journal, without exception.
func TestKillLosesNothing(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	cut, most := 0, 0
	for range 50 {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), exe)
		cmd.Env = append(os.Environ(), killedEnv+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// The moment is a number of rows, none to 300, or before even the file is made; the program runs on while
		// the signal is on its way.
		lines := bufio.NewScanner(out)
		reported := 0
		for moment := rng.IntN(302) - 1; reported < moment && lines.Scan(); reported++ {
			if lines.Text() != fmt.Sprint(reported) {
				t.Fatalf("the program says %q", lines.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it had reported before it died
			if lines.Text() == fmt.Sprint(reported) {
				reported++
			}
		}
		cmd.Wait()

		journals, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(journals) > 1 || (len(journals) == 0 && reported > 0) {
			t.Fatalf("%d rows were reported, and there is %q", reported, journals)
		}
		s, err := ReadSession(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Logs) == 0 { // killed before the header was written
			if reported > 0 {
				t.Fatalf("%d rows were reported; the session has no log, skipped %q", reported, s.Skipped)
			}
			continue
		}
		log := s.Logs[0]
		if len(log.Rows) < reported {
			t.Errorf("%d rows were reported, %d are there", reported, len(log.Rows))
		}
		h := testHeader()
		for i, r := range log.Rows {
			if r != killedRow(h, i) {
				t.Fatalf("row %d is %+v", i, r)
			}
		}
		if len(log.Warnings) > 1 || (len(log.Warnings) == 1 && !strings.Contains(log.Warnings[0], "is cut")) {
			t.Errorf("warnings %q", log.Warnings)
		}
		cut += len(log.Warnings)
		most = max(most, len(log.Rows))
	}
	t.Logf("up to %d rows; %d journals had a line that was cut", most, cut)
	if most < 100 {
		t.Error("the programs were killed before they did anything")
	}
}
