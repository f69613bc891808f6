package cloud

import (
	"path"
	"slices"
	"strings"
)

// The columns that this package looks for by name.
const (
	recordingID  = "recording id"
	timestamp    = "timestamp [ns]"
	startStamp   = "start timestamp [ns]"
	endStamp     = "end timestamp [ns]"
	sectionStart = "section start time [ns]"
	sectionEnd   = "section end time [ns]"
	eventName    = "name"
	eventType    = "type"
	startName    = "start event name"
	endName      = "end event name"
)

// The names of the tables and files that are more than times and values.
const (
	eventsName   = "events.csv"
	sectionsName = "sections.csv"

	enrichmentName = "enrichment_info.txt" // beside the tables of an enrichment
)

// tables are the files of Pupil Cloud downloads that hold times, and the columns without which they are not what
// their name says. Source: the vendor's descriptions of all years, and real downloads. fixations_on_face.csv had no
// times in 2022.
var tables = map[string][]string{
	eventsName:              {timestamp},
	sectionsName:            {sectionStart, sectionEnd},
	"gaze.csv":              {timestamp},
	"imu.csv":               {timestamp},
	"world_timestamps.csv":  {timestamp},
	"3d_eye_states.csv":     {timestamp},
	"fixations.csv":         {startStamp, endStamp},
	"saccades.csv":          {startStamp, endStamp},
	"blinks.csv":            {startStamp, endStamp},
	"surface_positions.csv": {timestamp},
	"aoi_positions.csv":     {timestamp},
	"face_positions.csv":    {timestamp},
	"gaze_on_face.csv":      {timestamp},
	"fixations_on_face.csv": nil,
	"scene_timestamps.csv":  {timestamp}, // Neon Player
	"world.csv":             {timestamp}, // pl-rec-export
}

// Tables returns the names of the tables that make a folder one of this package, sorted.
func Tables() []string {
	var names []string
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func isTable(name string) bool { return strings.EqualFold(path.Ext(name), ".csv") }

// compressed tables and other programs' tables are copied, and their times stay the phone's.
func isOtherTable(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zst", ".zip", ".tsv", ".xlsx", ".parquet", ".feather", "time_alignment_parameters.json"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
