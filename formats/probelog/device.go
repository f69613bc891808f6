package probelog

import (
	"encoding/json"
	"slices"
	"sort"
	"time"

	"github.com/pialign/pialign/align"
)

// Device is what a session measured with one phone.
type Device struct {
	ID   string
	Name string // as the phone called itself last, or empty
	Logs []*Log // those with rows of it, by file name

	clocks []clockFile
}

// Devices returns the devices of s by id. A log without rows still names its device.
func (s *Session) Devices() []Device {
	logs := map[string][]*Log{}
	for _, log := range s.Logs {
		ids := map[string]bool{}
		for _, r := range log.Rows {
			ids[r.DeviceID] = true
		}
		if len(ids) == 0 {
			ids[log.Header.DeviceID] = true
		}
		for id := range ids {
			logs[id] = append(logs[id], log)
		}
	}
	out := make([]Device, 0, len(logs))
	for id, l := range logs {
		d := Device{ID: id, Logs: l, clocks: s.clocks}
		for _, log := range l {
			if name := phoneName(log.Header.DeviceStatus, id); name != "" {
				d.Name = name
			}
		}
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Serials returns the serial numbers of the glasses that the phone's status gave, sorted.
func (d Device) Serials() []string {
	var out []string
	for _, log := range d.Logs {
		if log.Header.DeviceID != d.ID {
			continue
		}
		eachComponent(log.Header.DeviceStatus, func(model string, data json.RawMessage) {
			var glasses struct {
				Glasses string `json:"glasses_serial"`
				Camera  string `json:"world_camera_serial"`
				Module  string `json:"module_serial"`
			}
			if model == "Hardware" && json.Unmarshal(data, &glasses) == nil {
				out = append(out, glasses.Glasses, glasses.Camera, glasses.Module)
			}
		})
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" || s == "-1" }) // -1: none of the kind
}

// phoneName returns the name that the phone's status gives the device id, if it does.
func phoneName(status json.RawMessage, id string) (name string) {
	eachComponent(status, func(model string, data json.RawMessage) {
		var phone struct {
			ID   string `json:"device_id"`
			Name string `json:"device_name"`
		}
		if name == "" && model == "Phone" && json.Unmarshal(data, &phone) == nil && phone.ID == id {
			name = phone.Name
		}
	})
	return name
}

// eachComponent calls do with every component of a phone's status, as it answered.
func eachComponent(status json.RawMessage, do func(model string, data json.RawMessage)) {
	var answer struct {
		Result []struct {
			Model string          `json:"model"`
			Data  json.RawMessage `json:"data"`
		} `json:"result"`
	}
	if json.Unmarshal(status, &answer) != nil {
		return
	}
	for _, part := range answer.Result {
		do(part.Model, part.Data)
	}
}

// rows calls f for every row of d. Rows that two logs share are only in one of them.
func (d Device) rows(f func(Row)) {
	for _, log := range d.Logs {
		for _, r := range log.Rows {
			if r.DeviceID == d.ID {
				f(r)
			}
		}
	}
}

// Samples returns the answered exchanges of d, in the order of the logs.
func (d Device) Samples() []align.Sample {
	var out []align.Sample
	d.rows(func(r Row) {
		if r.Answered() {
			out = append(out, r.Sample)
		}
	})
	return out
}

// Options returns what the logs say about the clocks: of each resolution the coarsest stated, and the readings of the
// host's clocks.
func (d Device) Options() align.Options {
	var opt align.Options
	for _, log := range d.Logs {
		h := log.Header
		opt.WallResolution = max(opt.WallResolution, h.WallResolution)
		opt.MonoResolution = max(opt.MonoResolution, h.MonoResolution)
		for protocol, q := range h.DeviceResolution {
			if opt.DeviceResolution == nil {
				opt.DeviceResolution = map[string]time.Duration{}
			}
			opt.DeviceResolution[protocol] = max(opt.DeviceResolution[protocol], q)
		}
		if h.Clock != (align.HostReading{}) {
			opt.HostClock = append(opt.HostClock, h.Clock)
		}
	}
	for _, c := range d.clocks { // of the computer and the boot that measured d
		if len(d.Logs) > 0 && c.header.Host == d.Logs[0].Header.Host && c.header.Boot == d.Logs[0].Header.Boot {
			for _, r := range c.readings {
				opt.HostClock = append(opt.HostClock, align.HostReading{Wall: r.Wall, Mono: r.Mono, Raw: r.Raw})
			}
		}
	}
	return opt
}

// RecordingIDs returns the ids of the recordings that ran during exchanges of d, sorted.
func (d Device) RecordingIDs() []string {
	var out []string
	d.rows(func(r Row) {
		if r.RecordingID != "" {
			out = append(out, r.RecordingID)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}
