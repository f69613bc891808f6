//go:build ignore

package main

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/alignfile"
)

// The made-up session: 12 hours from here, at ends and middle of which the phone was probed.
const (
	start = 1_780_000_000_000_000_000
	hours = 12
	phone = "fa4e000000000001"
	recID = "b2345e8e-d5d9-49fe-a6bc-2a04432a24e5"
	gazes = 7_373_658      // rows of 1 GB, 10.2 hours at 200 Hz
	eight = int64(1 << 27) // stamps of 1 GiB
)

// once makes name unless it is there.
func once(name string, make func(string) error) error {
	path := filepath.Join(*dir, name)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	temp := path + ".part"
	os.RemoveAll(temp)
	if err := make(temp); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func makeAlignment(path string) error { return makeFit(path, 3, 0, scenario.Clock{}) }

// makeWander is of a phone that was probed every ten minutes and whose rate wanders, so that the map has many segments.
func makeWander(path string) error {
	return makeFit(path, 6*hours+1, 5*time.Millisecond, scenario.Clock{})
}

// makeStepped is of a phone whose clock was set back after the recording: the map has two pieces.
func makeStepped(path string) error {
	return makeFit(path, 6*hours+1, 0, scenario.Clock{Steps: []scenario.Step{{At: start + align.HostTime(11*time.Hour+30*time.Minute), By: -3 * time.Second}}})
}

// makeFit fits bursts of 100 exchanges, evenly over the session, of a phone 840 ms behind that gains 12 ppm, and swings by wobble.
func makeFit(path string, bursts int, wobble time.Duration, c scenario.Clock) error {
	c.Origin, c.Offset, c.DriftE18 = start, 840*time.Millisecond, 12_000_000_000_000
	delay := scenario.Delay{Law: scenario.LogNormal, Floor: 1500 * time.Microsecond, Scale: 2 * time.Millisecond}
	r := scenario.Rand(1, 1)
	var samples []align.Sample
	for i := range bursts {
		since := time.Duration(i) * hours * time.Hour / time.Duration(bursts-1)
		swing := align.DeviceTime(float64(wobble) * math.Sin(since.Hours()))
		for j := range 100 {
			a := align.HostTime(start).Add(since + time.Duration(j)*60*time.Millisecond)
			e := a.Add(delay.Draw(r))
			b := e.Add(delay.Draw(r))
			samples = append(samples, align.Sample{A: a, B: b, E: (c.Device(e) + swing) / 1_000_000 * 1_000_000,
				MonoA: align.MonoTime(a - start + 1e9), MonoB: align.MonoTime(b - start + 1e9), Phase: fmt.Sprint(i), Seq: int64(len(samples))})
		}
	}
	al, err := align.Fit(samples, align.Options{})
	if err != nil {
		return err
	}
	p := al.Wall.Parts()
	fmt.Fprintf(os.Stderr, "%s: %d segments, %d steps\n", filepath.Base(path), len(p.Segments), len(p.Steps))
	return alignfile.Write(path, &alignfile.File{Device: alignfile.Device{ID: phone}, Program: "speed", Alignment: al})
}

// made creates a file by way of a buffer.
func made(path string, fill func(w *bufio.Writer)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fill(w)
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func cloudInfo(dir, id string) error {
	return made(filepath.Join(dir, "info.json"), func(w *bufio.Writer) {
		fmt.Fprintf(w, `{"android_device_id": %q, "recording_id": %q, "start_time": %d, "duration": %d}`, phone, id, int64(start), int64(11*time.Hour))
	})
}

const gazeHeader = "section id,recording id,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],elevation [deg]\n"

// gazeRows are n rows of an era-E gaze.csv at 200 Hz, from the n-th row on.
func gazeRows(w *bufio.Writer, from, n int, id string) {
	w.WriteString(gazeHeader)
	var b []byte
	x := uint64(from)*2862933555777941757 + 1
	for i := from; i < from+n; i++ {
		x = x*6364136223846793005 + 1442695040888963407
		b = append(b[:0], "f04c7b44-5076-4f28-a28d-7b7863f63221,"...)
		b = append(append(b, id...), ',')
		b = strconv.AppendInt(b, start+175_076_015+int64(i)*5_000_000+int64(x>>46), 10)
		b = append(b, ',')
		b = strconv.AppendFloat(b, float64(x>>44%1_088_000)/1000, 'f', 3, 64)
		b = append(b, ',')
		b = strconv.AppendFloat(b, float64(x>>40%1_080_000)/1000, 'f', 3, 64)
		b = append(b, ",1.0,"...)
		if i%60 < 45 {
			b = strconv.AppendInt(b, int64(i/60+1), 10)
		}
		b = append(b, ',')
		if i%1000 < 30 {
			b = strconv.AppendInt(b, int64(i/1000+1), 10)
		}
		b = append(b, ',')
		b = strconv.AppendFloat(b, float64(int64(x>>30)%50_000_000)/1e6+1e-9, 'f', 6, 64)
		b = append(b, ',')
		b = strconv.AppendFloat(b, -float64(int64(x>>31)%40_000_000)/1e6, 'f', 6, 64)
		b = append(b, '\n')
		w.Write(b)
	}
}

func makeGaze(dir string) error {
	if err := cloudInfo(dir, recID); err != nil {
		return err
	}
	return made(filepath.Join(dir, "gaze.csv"), func(w *bufio.Writer) { gazeRows(w, 0, gazes / *share, recID) })
}

func nativeInfo(dir, id string) error {
	return made(filepath.Join(dir, "info.json"), func(w *bufio.Writer) {
		fmt.Fprintf(w, `{"android_device_id": %q, "recording_id": %q, "start_time": %d, "duration": %d, "data_format_version": "1.4"}`,
			phone, id, int64(start), int64(11*time.Hour))
	})
}

// stamps are n of them, 0.3 ms apart on average and never backwards.
func stamps(w *bufio.Writer, from, n int64) {
	x := uint64(from) + 1
	for i := from; i < from+n; i++ {
		x = x*6364136223846793005 + 1442695040888963407
		w.Write(binary.LittleEndian.AppendUint64(w.AvailableBuffer(), uint64(start+175_076_015+i*300_000+int64(x>>46))))
	}
}

func makeNative(dir string) error {
	if err := nativeInfo(dir, recID); err != nil {
		return err
	}
	return made(filepath.Join(dir, "gaze ps1.time"), func(w *bufio.Writer) { stamps(w, 0, eight/int64(*share)) })
}

func makeVideo(dir string) error {
	if err := cloudInfo(dir, recID); err != nil {
		return err
	}
	if err := made(filepath.Join(dir, "gaze.csv"), func(w *bufio.Writer) { gazeRows(w, 0, 1000, recID) }); err != nil {
		return err
	}
	return made(filepath.Join(dir, "scene.mp4"), func(w *bufio.Writer) {
		for i := range eight / int64(*share) {
			w.Write(binary.LittleEndian.AppendUint64(w.AvailableBuffer(), uint64(i)*0x9E3779B97F4A7C15))
		}
	})
}

// makeSmall makes 1000 recordings of ten files: a study's worth in one download.
func makeSmall(dir string) error {
	for i := range 1000 {
		id := fmt.Sprintf("b2345e8e-d5d9-49fe-a6bc-%012x", i)
		rec := filepath.Join(dir, fmt.Sprintf("2026-05-28_%04d", i))
		if err := cloudInfo(rec, id); err != nil {
			return err
		}
		for j, name := range []string{"gaze.csv", "imu.csv", "blinks.csv", "fixations.csv", "saccades.csv", "3d_eye_states.csv", "world_timestamps.csv", "notes.csv", "scene.mp4"} {
			err := made(filepath.Join(rec, name), func(w *bufio.Writer) {
				switch {
				case name == "scene.mp4":
					w.Write(make([]byte, 2048))
				case j < 2 || name == "3d_eye_states.csv" || name == "world_timestamps.csv" || name == "notes.csv":
					gazeRows(w, i*10, 10, id)
				default:
					fmt.Fprintf(w, "section id,recording id,%[1]s id,start timestamp [ns],end timestamp [ns]\n", strings.TrimSuffix(name, "s.csv"))
					for k := range 10 {
						fmt.Fprintf(w, "f04c7b44-5076-4f28-a28d-7b7863f63221,%s,%d,%d,%d\n", id, k+1, start+int64(k+1)*1_000_000_015, start+int64(k+1)*1_000_000_015+200_000_000)
					}
				}
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// makeSmallNative makes one recording of the phone in 5000 parts of two files.
func makeSmallNative(dir string) error {
	if err := nativeInfo(dir, recID); err != nil {
		return err
	}
	for i := range int64(5000) {
		if err := made(filepath.Join(dir, fmt.Sprintf("gaze ps%d.time", i+1)), func(w *bufio.Writer) { stamps(w, i*100, 100) }); err != nil {
			return err
		}
		if err := made(filepath.Join(dir, fmt.Sprintf("gaze ps%d.raw", i+1)), func(w *bufio.Writer) { w.Write(make([]byte, 800)) }); err != nil {
			return err
		}
	}
	return nil
}

func makeZip(dir string) error {
	const part = 5 // in 200 MB deflate shows what it takes
	return made(filepath.Join(dir, "gaze.zip"), func(w *bufio.Writer) {
		z := zip.NewWriter(w)
		f, _ := z.Create("gaze/info.json")
		fmt.Fprintf(f, `{"android_device_id": %q, "recording_id": %q, "start_time": %d, "duration": %d}`, phone, recID, int64(start), int64(11*time.Hour))
		f, _ = z.Create("gaze/gaze.csv")
		b := bufio.NewWriterSize(f, 1<<20)
		gazeRows(b, 0, gazes/part / *share, recID)
		b.Flush()
		z.Close()
	})
}
