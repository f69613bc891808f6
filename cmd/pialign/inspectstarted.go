package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// startedReport is what a session keeps of the recording that it started on a phone.
type startedReport struct {
	Kind string `json:"kind"`
	Path string `json:"path"`
	started
}

// inspectStarted recognises SESSION/recording_<device id>.json.
func inspectStarted(_ context.Context, path string) (inspection, error) {
	if first, err := firstByte(path); err != nil || first != '{' {
		return nil, errOther
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostStarted))
	var s started
	if err != nil || json.Unmarshal(b, &s) != nil || s.Version != startedVersion || s.Recording == "" {
		return nil, errOther
	}
	return &startedReport{"note of the recording that a session started", path, s}, nil
}

func (r *startedReport) print(w io.Writer) {
	state := "not seen to run yet"
	switch {
	case r.Stopped:
		state = "stopped by pialign, or found to have ended"
	case r.Opened:
		state = "seen to run; probe --stop-recording stops it"
	}
	fmt.Fprintf(w, "%s: %s\n  recording %s on device %s: %s\n", r.Path, r.Kind, r.Recording, deviceName(r.DeviceID), state)
}
