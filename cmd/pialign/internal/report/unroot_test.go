package report

import (
	"bytes"
	"testing"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// TestStudySaysNothingOfTheComputer: of inputs and sessions that do not lie below the plan stand their last elements alone, in texts too.
func TestStudySaysNothingOfTheComputer(t *testing.T) {
	var rows []batch.Row
	for _, root := range []string{"/home/jane.doe/study", "../../jane.doe/study", "C:/Users/jane.doe/study"} {
		failed := batch.Record{Input: root + "/data/r0", Output: "r0", Outcome: batch.Failed, Error: root + "/data/r0: gaze.csv, row 3: not a time", Hint: "take " + root + "/data/r0 again"}
		done := batch.Record{Input: root + "/data/r1", Output: "r1", Outcome: batch.Done, Recordings: []batch.RecordRecording{{Name: "r1", Source: root + "/sessions/p01",
			Alignment: "xxh3:00", Confirmed: true, First: 1, Last: 2, Warnings: []string{root + "/sessions/p01: one burst only"}}}}
		rows = append(rows, batch.Rows(&failed, true, 0)...)
		rows = append(rows, batch.Rows(&done, true, 0)...)
	}
	d := NewDocument("test")
	d.Studies = []*Study{NewStudy("aligned", rows, 0, "pialign test")}
	d.Finish()
	page := written(t, d)
	if bytes.Contains(page, []byte("jane")) || !bytes.Contains(page, []byte("data/r0: gaze.csv, row 3")) || !bytes.Contains(page, []byte("sessions/p01: one burst only")) {
		i := max(0, bytes.Index(page, []byte("jane"))-100)
		t.Errorf("%s", page[i:i+300])
	}
}
