package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe/fakephone"
)

// madeUp is a recording that nobody made: the files of a Pupil Cloud folder, stamped by a clock whose truth is
// known. Its rows are spaced by about 50 ms, ten times wider than a phone's, so that an hour stays small.
type madeUp struct {
	deviceID, deviceName string
	clock                scenario.Clock
	recording            fakephone.Recording // as the phone kept it, ended
	seed                 uint64
}

// section is what Pupil Cloud calls the recording's only section.
const section = "6b1d0d1c-54a3-4e0e-9a53-0f8f1d3c7a21"

// folder is the name that Pupil Cloud would give the recording's folder.
func (m madeUp) folder() string {
	return time.Unix(0, int64(m.recording.BeganStamp)).UTC().Format("2006-01-02_15-04-05-") + m.recording.ID[:8]
}

// write makes the files in dir, which must exist.
func (m madeUp) write(dir string) error {
	for _, f := range []struct {
		name  string
		write func(w io.Writer)
	}{
		{"info.json", m.info},
		{"scene_camera.json", func(w io.Writer) { fmt.Fprint(w, sceneCamera) }},
		{"events.csv", m.events},
		{"gaze.csv", m.gaze},
		{"fixations.csv", m.fixations},
		{"blinks.csv", m.blinks},
		{"world_timestamps.csv", m.frames},
	} {
		if err := writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}

// sceneCamera is a file without times, to be copied as it is.
const sceneCamera = `{"camera_matrix": [[766.29, 0.0, 543.46], [0.0, 766.14, 559.38], [0.0, 0.0, 1.0]], "distortion_coefficients": [[-0.126, 0.1]]}` + "\n"

func (m madeUp) info(w io.Writer) {
	r := m.recording
	fmt.Fprintf(w, "{\n    \"android_device_id\": %q,\n    \"android_device_name\": %q,\n"+
		"    \"app_version\": \"1.4.30-prod\",\n    \"data_format_version\": \"1.4\",\n    \"duration\": %d,\n"+
		"    \"recording_id\": %q,\n    \"start_time\": %d\n}", m.deviceID, m.deviceName, r.EndedStamp-r.BeganStamp, r.ID, r.BeganStamp)
}

func (m madeUp) events(w io.Writer) {
	fmt.Fprintln(w, "recording id,timestamp [ns],name,type")
	for _, e := range m.recording.Events {
		name := e.Name
		if strings.ContainsAny(name, ",\"\r\n") {
			name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
		fmt.Fprintf(w, "%s,%d,%s,recording\n", m.recording.ID, e.Stamp, name)
	}
}

// Of ten gaze samples in a row the first eight are one fixation, and in every fifth row the other two are a blink.
const (
	rowOf    = 10
	fixated  = 8
	blinkRow = 5
)

func (m madeUp) gaze(w io.Writer) {
	r := scenario.Rand(m.seed, 2)
	fmt.Fprintln(w, "section id,recording id,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],elevation [deg]")
	for i, t := range m.gazeStamps() {
		row := i/rowOf + 1
		fixation, blink := "", ""
		switch {
		case i%rowOf < fixated:
			fixation = fmt.Sprint(row)
		case row%blinkRow == 0:
			blink = fmt.Sprint(row / blinkRow)
		}
		fmt.Fprintf(w, "%s,%s,%d,%.3f,%.3f,1,%s,%s,%.6f,%.6f\n", section, m.recording.ID, t,
			544+40*r.NormFloat64(), 540+40*r.NormFloat64(), fixation, blink, 3*r.NormFloat64(), 3*r.NormFloat64())
	}
}

func (m madeUp) fixations(w io.Writer) {
	fmt.Fprintln(w, "section id,recording id,fixation id,start timestamp [ns],end timestamp [ns],duration [ms],fixation x [px],fixation y [px],azimuth [deg],elevation [deg]")
	gaze := m.gazeStamps()
	for i := 0; i+fixated <= len(gaze); i += rowOf {
		a, b := gaze[i], gaze[i+fixated-1]
		fmt.Fprintf(w, "%s,%s,%d,%d,%d,%d,544.0,540.0,0.0,0.0\n", section, m.recording.ID, i/rowOf+1, a, b, b.Sub(a).Milliseconds())
	}
}

func (m madeUp) blinks(w io.Writer) {
	fmt.Fprintln(w, "section id,recording id,blink id,start timestamp [ns],end timestamp [ns],duration [ms]")
	gaze := m.gazeStamps()
	for i := (blinkRow-1)*rowOf + fixated; i+1 < len(gaze); i += blinkRow * rowOf {
		a, b := gaze[i], gaze[i+1]
		fmt.Fprintf(w, "%s,%s,%d,%d,%d,%d\n", section, m.recording.ID, i/rowOf/blinkRow+1, a, b, b.Sub(a).Milliseconds())
	}
}

func (m madeUp) frames(w io.Writer) {
	fmt.Fprintln(w, "section id,recording id,timestamp [ns]")
	for t := m.recording.BeganStamp; t < m.recording.EndedStamp; t += 33_333_333 { // 30 Hz
		fmt.Fprintf(w, "%s,%s,%d\n", section, m.recording.ID, t)
	}
}

// gazeStamps are the phone's stamps of the made-up samples: a microsecond clock with a constant remainder, as
// real recordings have.
func (m madeUp) gazeStamps() []align.DeviceTime {
	r := scenario.Rand(m.seed, 1)
	var out []align.DeviceTime
	for h := m.recording.Began + 700_000_000; h < m.recording.Ended; h += align.HostTime(45_000_000 + r.Int64N(10_000_000)) {
		out = append(out, m.clock.Device(h)/1000*1000+15)
	}
	return out
}

// writeFile makes one file of a folder that is not finished yet.
func writeFile(path string, write func(io.Writer)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16) // keeps the first error
	write(w)
	err = w.Flush()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
