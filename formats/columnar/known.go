package columnar

import "strings"

// Kind is the type of a column.
type Kind int

// The kinds. Every column of every kind may have nulls.
const (
	Text    Kind = iota // UTF-8 string
	Int                 // int64
	Double              // float64
	Bool                // boolean
	Instant             // timestamp[ns, tz=UTC]
	Binary              // text that is not UTF-8
	Ns                  // int64 ns: a time on a clock without an epoch, of the phone, or since the begin of the recording
)

func (k Kind) String() string {
	return [...]string{"string", "int64", "float64", "bool", "timestamp[ns, tz=UTC]", "binary", "int64 ns"}[k]
}

// texts are columns that are text whatever stands in them: two recordings do not differ in it because somebody calls an event 1.
var texts = words("section id,recording id,recording name,wearer id,wearer name,start event name,end event name,name,type,label id,label name," +
	"marker mapper id,aoi id,aoi name,aoi,label,label_name,base_data,method,topic")

// ints are columns of whole numbers, null where there is none.
var ints = words("fixation id,blink id,saccade id,duration [ms],index,world_index,start_frame_index,end_frame_index")

// doubles are columns of which some rows, or some recordings, happen to have whole numbers or nothing at all.
var doubles = words("worn,gaze x [px],gaze y [px],azimuth [deg],elevation [deg],fixation x [px],fixation y [px]," +
	"gyro x [deg/s],gyro y [deg/s],gyro z [deg/s],acceleration x [g],acceleration y [g],acceleration z [g]," +
	"roll,pitch,yaw,roll [deg],pitch [deg],yaw [deg],rotation vector w,rotation vector x,rotation vector y,rotation vector z," +
	"quaternion w,quaternion x,quaternion y,quaternion z," +
	"amplitude [px],amplitude [deg],mean velocity [px/s],peak velocity [px/s]," +
	"pupil diameter left [mm],pupil diameter right [mm]," +
	"eyeball center left x [mm],eyeball center left y [mm],eyeball center left z [mm]," +
	"eyeball center right x [mm],eyeball center right y [mm],eyeball center right z [mm]," +
	"optical axis left x,optical axis left y,optical axis left z,optical axis right x,optical axis right y,optical axis right z," +
	"confidence,norm_pos_x,norm_pos_y,gaze_point_3d_x,gaze_point_3d_y,gaze_point_3d_z")

func words(list string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.SplitSeq(list, ",") {
		m[word] = true
	}
	return m
}

// known is the kind that a column of that name has where its cells allow.
func known(name string) (k Kind, ok bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	switch {
	case texts[name]:
		return Text, true
	case ints[name]:
		return Int, true
	case doubles[name]:
		return Double, true
	}
	return Text, false
}
