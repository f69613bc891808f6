package player

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/retime"
)

// seconds are the columns of Pupil Player's exports that count seconds from the recording's start. Sources: its exporters,
// and real exports of Pupil Core made by the same code.
var seconds = []string{"gaze_timestamp", "pupil_timestamp", "world_timestamp", "imu_timestamp", "timestamp", "start_timestamp", "end_timestamp",
	"# timestamps [seconds]", "timestamps [seconds]"}

// telling are those that no other program is known to write.
var telling = []string{"gaze_timestamp", "world_timestamp", "imu_timestamp", "# timestamps [seconds]"}

// timed are tables that hold times whoever wrote them.
var timed = []string{"gaze_positions.csv", "pupil_positions.csv", "world_timestamps.csv", "eye0_timestamps.csv", "eye1_timestamps.csv", "imu_data.csv",
	"annotations.csv", "fixations.csv", "blinks.csv", "head_pose_tracker_poses.csv", "surface_events.csv",
	"gaze.csv", "events.csv", "imu.csv", "saccades.csv", "3d_eye_states.csv", "scene_timestamps.csv"}

// baseData is a column of text that repeats the times of what a row was made of.
const baseData = "base_data"

// The columns of tables in UTC ns that are more than times.
const (
	recordingID = "recording id"
	timestampNs = "timestamp [ns]"
)

// columnKey is a name as it is compared.
func columnKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// tableKind is what a header says of a table.
type tableKind int

const (
	timeless tableKind = iota
	inSeconds
	inNs
	exportInfo
)

// judge reads a header. An error names a column that must not stay unnoticed.
func judge(header []string) (kind tableKind, times []int, err error) {
	ns := retime.Find(header)
	if err := retime.Separated(header); err != nil {
		return 0, nil, err
	}
	var unknown string
	texts := 0
	for i, raw := range header {
		name := columnKey(raw)
		switch {
		case strings.HasPrefix(name, "host ") || strings.HasPrefix(name, "device "):
			if k := name[strings.IndexByte(name, ' ')+1:]; slices.Contains(seconds, k) || k == baseData || strings.HasSuffix(k, "[ns]") {
				return 0, nil, fmt.Errorf("column %q: %w; give the folder as Pupil Player wrote it", raw, retime.ErrRetimed)
			}
		case slices.Contains(seconds, name):
			times = append(times, i)
		case name == baseData:
			times = append(times, i)
			texts++
		case strings.Contains(name, "timestamp") && !strings.HasSuffix(name, "[ns]"):
			unknown = raw
		}
	}
	switch {
	case len(ns.Times) > 0 && len(times) > texts:
		return 0, nil, fmt.Errorf("%w: times in ns and in seconds stand beside each other", retime.ErrTable)
	case unknown != "":
		return 0, nil, fmt.Errorf("%w: %q sounds like a time and is none that this version knows; move the file out of the folder", retime.ErrColumn, unknown)
	case len(ns.Times) > 0:
		return inNs, ns.Times, nil
	case len(times) > 0:
		return inSeconds, times, nil
	case isExportInfo(header):
		return exportInfo, []int{1}, nil
	}
	return timeless, nil, nil
}

func isExportInfo(header []string) bool {
	return len(header) == 2 && columnKey(header[0]) == "key" && columnKey(header[1]) == "value"
}
