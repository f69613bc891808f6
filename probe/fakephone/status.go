package fakephone

import (
	"net/http"

	"github.com/pialign/pialign/align"
)

// fields is a JSON object.
type fields = map[string]any

// component returns one entry of the status.
func component(model string, data fields) fields { return fields{"model": model, "data": data} }

func (p *Phone) serveStatus(w http.ResponseWriter, r *http.Request) {
	if upgrades(r) {
		p.watch(w, r)
		return
	}
	p.exchange(p.status)(w, r)
}

// status answers with the components in the order seen on a real phone: sensors, Phone, Hardware.
func (p *Phone) status(arrived align.HostTime) answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(arrived)
	list := []any{}
	if !p.cfg.Plain {
		list = append(list, oddities()...)
	}
	list = append(list, p.sensors(false)...)
	list = append(list, p.phoneComponent())
	list = append(list, p.glasses()...)
	list = append(list, p.recordingNow(arrived)...)
	return success("Success", list)
}

// burst is what a websocket hears first, in the order documented for it: Phone, Hardware, sensors.
func (p *Phone) burst(now align.HostTime) []any {
	p.settle(now)
	var list []any
	if !p.cfg.Plain {
		list = append(list, oddities()...)
	}
	list = append(list, p.phoneComponent())
	list = append(list, p.glasses()...)
	list = append(list, p.sensors(false)...)
	return append(list, p.recordingNow(now)...)
}

func (p *Phone) phoneComponent() fields {
	data := fields{
		"battery_level": 78, "battery_state": "OK", "device_id": p.cfg.DeviceID, "device_name": p.cfg.Name,
		"ip": p.ip, "memory": int64(99877777408), "memory_state": "OK",
	}
	switch p.refusal {
	case BatteryLow:
		data["battery_level"], data["battery_state"] = 3, "CRITICAL"
	case StorageLow:
		data["memory"], data["memory_state"] = int64(52428800), "CRITICAL"
	}
	if p.echo != nil {
		data["time_echo_port"] = port(p.echo)
	}
	if !p.cfg.Plain {
		data["mood"] = fields{"curious": true, "since": nil}
	}
	return component("Phone", data)
}

// glasses returns the Hardware component, if the phone has one.
func (p *Phone) glasses() []any {
	if p.hardware == HardwareAbsent {
		return nil
	}
	data := fields{"glasses_serial": "h4gcf", "version": "1.0", "world_camera_serial": "zyvxm"}
	if p.cfg.Family == Neon {
		data = fields{"frame_name": "Just act natural", "glasses_serial": "-1", "module_serial": "841684",
			"version": "2.0", "world_camera_serial": "-1"}
	}
	if p.hardware == HardwareNull {
		for k := range data {
			data[k] = nil
		}
	}
	return []any{component("Hardware", data)}
}

// sensorNames are those of each family; each is there twice, directly and through a websocket.
var sensorNames = map[Family][]string{
	Invisible: {"world", "gaze"},
	Neon:      {"world", "gaze", "imu", "eyes", "eye_events"},
}

// sensors returns the Sensor components. Without glasses there are none, or where all is set disconnected ones.
func (p *Phone) sensors(all bool) []any {
	if p.hardware == HardwareAbsent && !all {
		return nil
	}
	var list []any
	for _, name := range sensorNames[p.cfg.Family] {
		for _, way := range []struct {
			conn, audio string
			port        int
		}{{"DIRECT", "on", 8086}, {"WEBSOCKET", "off", 8686}} {
			data := fields{"conn_type": way.conn, "connected": false, "sensor": name}
			if p.hardware == HardwarePresent {
				data = fields{"conn_type": way.conn, "connected": true, "ip": p.ip, "port": way.port, "protocol": "rtsp",
					"params": "camera=" + name + "&audioenable=" + way.audio, "sensor": name, "stream_error": false}
			}
			list = append(list, component("Sensor", data))
		}
	}
	return list
}

// recordingNow returns the Recording component, where there is one to show.
func (p *Phone) recordingNow(now align.HostTime) []any {
	n := len(p.recordings)
	if n == 0 {
		return nil
	}
	r := p.recordings[n-1]
	if r.State == Pending && n > 1 {
		r = p.recordings[n-2] // may linger still
	}
	switch {
	case r.State == Running:
		return []any{recordingComponent(r, "START", now)}
	case r.State != Pending && now.Sub(r.Ended) < p.cfg.Linger:
		return []any{recordingComponent(r, closing[r.State], now)}
	}
	return nil
}

func recordingComponent(r *Recording, action string, now align.HostTime) fields {
	if r.Ended != 0 {
		now = r.Ended
	}
	return component("Recording", fields{"action": action, "id": r.ID, "message": "",
		"rec_duration_ns": int64(now.Sub(r.Began))})
}
