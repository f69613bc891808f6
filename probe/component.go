package probe

import (
	"encoding/json"
	"fmt"
	"math"
)

// merge takes in one component, as it stands in the status or comes by websocket. It changes what the component speaks of
// and nothing else, and reports whether that is anything.
func (s *Status) merge(where string, raw json.RawMessage) bool {
	var c map[string]json.RawMessage
	if json.Unmarshal(raw, &c) != nil || c == nil {
		s.note("%s: %.40s, want an object", where, raw)
		return false
	}
	model, ok := text(c["model"])
	if !ok {
		s.note("%s: no model", where)
		return false
	}
	where = fmt.Sprintf("%s (%.40s)", where, model)
	take, ok := known[model]
	if !ok {
		s.note("%s: unknown kind", where)
		return false
	}
	if take == nil {
		return false
	}
	f := fields{where: where, to: s}
	if json.Unmarshal(c["data"], &f.raw) != nil || f.raw == nil {
		s.note("%s: no data", where)
		return false
	}
	return take(s, f)
}

// known are the kinds of components. Those with nothing in them for a prober have no reader.
var known = map[string]func(*Status, fields) bool{
	"Phone":         (*Status).phone,
	"Recording":     (*Status).recording,
	"Hardware":      (*Status).hardware,
	"Event":         (*Status).event,
	"Sensor":        nil,
	"NetworkDevice": nil, // another phone that this one has found
}

func (s *Status) phone(f fields) bool {
	var id string
	f.text("device_id", &id)
	if len(id) > maxID {
		s.note("%s: device_id %.40q, want at most %d bytes", f.where, id, maxID)
		id = ""
	}
	if id == "" && s.Phone.DeviceID == "" {
		s.note("%s: no device_id", f.where)
	}
	if id != "" && s.Phone.DeviceID != "" && id != s.Phone.DeviceID {
		s.note("%s: device_id %.40q, where it was %.40q", f.where, id, s.Phone.DeviceID)
		s.other = true
		return false
	}
	if id != "" {
		s.Phone.DeviceID = id
	}
	s.hasPhone = true
	f.text("device_name", &s.Phone.Name)
	f.text("ip", &s.Phone.IP)
	f.text("battery_state", &s.Phone.BatteryState)
	f.text("memory_state", &s.Phone.MemoryState)
	number(f, "battery_level", 0, 100, &s.Phone.Battery)
	number(f, "memory", 0, math.MaxInt64, &s.Phone.Memory)
	number(f, "time_echo_port", 1, math.MaxUint16, &s.Phone.EchoPort)
	return true
}

func (s *Status) recording(f fields) bool {
	var r RecordingStatus
	if f.text("id", &r.ID); s.Recording != nil && (r.ID == "" || r.ID == s.Recording.ID) {
		r = *s.Recording
	}
	f.text("action", &r.Action)
	f.text("message", &r.Message)
	number(f, "rec_duration_ns", 0, math.MaxInt64, &r.Duration)
	s.Recording = &r
	return true
}

func (s *Status) hardware(f fields) bool {
	var h HardwareStatus // with the glasses gone all may be null
	f.text("version", &h.Version)
	f.text("glasses_serial", &h.GlassesSerial)
	f.text("module_serial", &h.ModuleSerial)
	f.text("world_camera_serial", &h.WorldCameraSerial)
	s.Hardware = &h
	return true
}

// event takes in the recording that an event was counted to. While one is known to run this says nothing new, and may be
// late: for up to a second after a start events carry the recording before.
func (s *Status) event(f fields) bool {
	var id string
	f.text("recording_id", &id)
	if id == "" || s.Recording.Running() || s.Recording != nil && s.Recording.ID == id {
		return false
	}
	s.Recording = &RecordingStatus{ID: id}
	return true
}
