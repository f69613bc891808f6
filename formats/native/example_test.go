package native_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/retime"
)

// A folder of the phone's own files, put onto a clock that is 840 ms ahead.
func Example() {
	dir, err := os.MkdirTemp("", "pialign-example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	phone := filepath.Join(dir, "phone")
	if err := os.Mkdir(phone, 0o777); err != nil {
		log.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"info.json":     []byte(`{"data_format_version":"1.4","android_device_id":"fa4e000000000001","start_time":1700000000000000000,"duration":60000000000}`),
		"gaze ps1.raw":  make([]byte, 16),
		"gaze ps1.time": binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, 1_700_000_001_000_000_015), 1_700_000_001_004_000_015),
	} {
		if err := os.WriteFile(filepath.Join(phone, name), b, 0o666); err != nil {
			log.Fatal(err)
		}
	}

	rec, err := native.Open(phone)
	if err != nil {
		log.Fatal(err)
	}
	ahead := func(d align.DeviceTime) (int64, error) { return int64(d.Add(840 * time.Millisecond)), nil }
	clocks := func(deviceID, recordingID string) (retime.Clock, error) {
		return retime.Clock{New: func() align.Retimer { return ahead }, DeviceID: deviceID}, nil
	}
	rep, err := rec.Retime(context.Background(), filepath.Join(dir, "aligned"), clocks, retime.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rec.Kind())
	for _, f := range rep.Files {
		fmt.Println(f.Name, f.Action, f.Columns, f.Rows)
	}
	b, err := os.ReadFile(filepath.Join(dir, "aligned", "gaze ps1.time"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(binary.LittleEndian.Uint64(b))
	// Output:
	// Pupil Invisible recording, the phone's own files
	// gaze ps1.raw copied [] 0
	// gaze ps1.time retimed [time] 2
	// info.json retimed [start_time] 1
	// 1700000001840000015
}
