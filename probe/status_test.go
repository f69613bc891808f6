package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/probe/fakephone"
)

func TestStatusOfAFakePhone(t *testing.T) {
	for name, cfg := range map[string]fakephone.Config{
		"Invisible":     {},
		"Neon":          {Family: fakephone.Neon, Name: "Neon: the 2nd"},
		"no glasses":    {Hardware: fakephone.HardwareAbsent},
		"glasses null":  {Hardware: fakephone.HardwareNull},
		"no oddities":   {Plain: true},
		"no time echo":  {NoEcho: true},
		"low":           {Refusal: fakephone.BatteryLow},
		"closes always": {CloseAfterAnswer: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := fake(t, cfg, "")
			s, err := ReadStatus(t.Context(), f.Addr())
			if err != nil {
				t.Fatal(err)
			}
			want := PhoneStatus{DeviceID: f.DeviceID(), Name: f.Name(), IP: "127.0.0.1", Battery: 78, BatteryState: "OK",
				MemoryState: "OK", Memory: 99877777408, EchoPort: f.EchoPort()}
			if cfg.Refusal == fakephone.BatteryLow {
				want.Battery, want.BatteryState = 3, "CRITICAL"
			}
			if s.Phone != want {
				t.Errorf("phone %+v, want %+v", s.Phone, want)
			}
			hardware := &HardwareStatus{Version: "1.0", GlassesSerial: "h4gcf", WorldCameraSerial: "zyvxm"}
			switch {
			case cfg.Family == fakephone.Neon:
				hardware = &HardwareStatus{Version: "2.0", GlassesSerial: "-1", WorldCameraSerial: "-1", ModuleSerial: "841684"}
			case cfg.Hardware == fakephone.HardwareAbsent:
				hardware = nil
			case cfg.Hardware == fakephone.HardwareNull:
				hardware = &HardwareStatus{}
			}
			if (s.Hardware == nil) != (hardware == nil) || hardware != nil && *s.Hardware != *hardware {
				t.Errorf("hardware %+v, want %+v", s.Hardware, hardware)
			}
			if !json.Valid(s.Raw) || s.Recording != nil || (len(s.Notes) == 0) != cfg.Plain {
				t.Errorf("raw %q, recording %+v, notes %q", s.Raw, s.Recording, s.Notes)
			}
			mustHoldTruth(t, f, collect(t, connect(t, f.Addr(), Options{}), Schedule{Count: 3, Spacing: quick}))
		})
	}
}

// TestEveryFieldMayFail takes each field of each component away, and puts something else in its place: what the others say must
// still be there.
func TestEveryFieldMayFail(t *testing.T) {
	whole := map[string]map[string]string{
		"Phone": {"battery_level": "78", "battery_state": `"OK"`, "device_id": `"d55a33b5ab845785"`, "device_name": `"Neon"`,
			"ip": `"192.168.1.60"`, "memory": "99877777408", "memory_state": `"OK"`, "time_echo_port": "12321"},
		"Hardware":  {"version": `"2.0"`, "glasses_serial": `"-1"`, "module_serial": `"841684"`, "world_camera_serial": `"-1"`},
		"Recording": {"action": `"START"`, "id": `"54e7d0bb"`, "message": `""`, "rec_duration_ns": "5000000000"},
	}
	all := make(map[string]string)
	for _, fields := range whole {
		for k, v := range fields {
			all[k] = v
		}
	}
	zero := map[string]string{"battery_level": "-1", "memory": "-1", "time_echo_port": "0", "rec_duration_ns": "0"}
	values := func(s Status) map[string]string {
		p, h, r := s.Phone, s.Hardware, s.Recording
		return map[string]string{
			"battery_level": fmt.Sprint(p.Battery), "battery_state": p.BatteryState, "device_id": p.DeviceID, "device_name": p.Name,
			"ip": p.IP, "memory": fmt.Sprint(p.Memory), "memory_state": p.MemoryState, "time_echo_port": fmt.Sprint(p.EchoPort),
			"version": h.Version, "glasses_serial": h.GlassesSerial, "module_serial": h.ModuleSerial, "world_camera_serial": h.WorldCameraSerial,
			"action": r.Action, "id": r.ID, "message": r.Message, "rec_duration_ns": fmt.Sprint(int64(r.Duration)),
		}
	}
	build := func(bad, instead string) string {
		var list []string
		for model, fields := range whole {
			var parts []string
			for k, v := range fields {
				if k == bad {
					v = instead
				}
				if v != "" {
					parts = append(parts, fmt.Sprintf("%q:%s", k, v))
				}
			}
			list = append(list, fmt.Sprintf(`{"model":%q,"data":{%s}}`, model, strings.Join(parts, ",")))
		}
		return `{"message":"","result":[` + strings.Join(list, ",") + `]}`
	}
	for _, fields := range whole {
		for bad := range fields {
			for _, instead := range []string{"", "null", "[]", "{}", "true", "-7", "1.5", "1e99", `{"a":[1]}`, "99999999999999999999"} {
				s, err := parseStatus(&reply{status: 200, contentType: "application/json", body: []byte(build(bad, instead))})
				if err != nil {
					t.Fatal(bad, instead, err)
				}
				for key, got := range values(s) {
					want := strings.Trim(all[key], `"`)
					if key == bad {
						want = zero[key]
					}
					if got != want {
						t.Errorf("%s is %s: %s came out as %q, want %q", bad, instead, key, got, want)
					}
				}
				if odd := instead != "" && instead != "null"; odd != (len(s.Notes) > 0) && bad != "device_id" {
					t.Errorf("%s is %s: notes %q", bad, instead, s.Notes)
				}
			}
		}
	}
}

func TestStatusPieces(t *testing.T) {
	parse := func(components string) Status {
		t.Helper()
		s, err := parseStatus(&reply{status: 200, contentType: "application/json", body: []byte(`{"result":[` + components + `]}`)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := parse(`null, 1, "x", [], {}, {"model":null}, {"model":7,"data":{}}, {"data":{}}, {"model":"Phone"}, {"model":"Phone","data":null},
		{"model":"Hologram","data":{"a":[null]}}, {"model":"NetworkDevice","data":{"device_id":"other"}},
		{"model":"Phone","data":{"device_id":"a","device_name":"one"}}, {"model":"Phone","data":{"device_name":"two","battery_level":5}},
		{"model":"Phone","data":{"device_id":"b","device_name":"three"}}, {"model":"phone","data":{"device_name":"four"}}`)
	if s.Phone.DeviceID != "a" || s.Phone.Name != "two" || s.Phone.Battery != 5 {
		t.Errorf("phone %+v, want a, called two, with 5 %%", s.Phone)
	}
	if !slices.ContainsFunc(s.Notes, func(n string) bool { return strings.Contains(n, "Hologram") }) {
		t.Errorf("notes %q say nothing of the Hologram", s.Notes)
	}
	long := strings.Repeat("x", 1000)
	s = parse(fmt.Sprintf(`{"model":"Phone","data":{"device_id":%q,"device_name":%q,"ip":"192.0.2.1"}}`, long, long))
	if s.Phone.DeviceID != "" || s.Phone.Name != "" || s.Phone.IP != "192.0.2.1" {
		t.Errorf("phone %+v", s.Phone)
	}
	if s := parse(strings.Repeat(`{"model":"x"},`, 5000) + "1"); len(s.Notes) > maxNotes {
		t.Errorf("%d notes", len(s.Notes))
	}
	// Running is a question of words.
	for action, want := range map[string]bool{"START": true, "started": true, "Paused": true, "stop": false, "STOPPED": false, "SAVE": false,
		"DISCARD": false, "error": false} {
		s := parse(fmt.Sprintf(`{"model":"Recording","data":{"id":"r","action":%q}}`, action))
		if got := s.Recording.Running(); got != want {
			t.Errorf("%s: running is %v", action, got)
		}
	}
}

func TestNotAPhone(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"web page":      {answering("200 OK", "text/html", "<html>router</html>"), ErrNotAPhone},
		"error":         {answering("500 Oops", "application/json", `{"message":"no"}`), ErrNotAPhone},
		"not found":     {answering("404 Not Found", "text/plain", "no"), ErrNotAPhone},
		"object":        {answering("200 OK", "application/json", `{"message":"Success","result":{}}`), ErrNotAPhone},
		"no Phone":      {answering("200 OK", "application/json", `{"message":"Success","result":[{"model":"Sensor","data":{}}]}`), ErrNotAPhone},
		"bomb":          {answering("200 OK", "application/json", `{"result":`+strings.Repeat("[", 500_000)), ErrNotAPhone},
		"too long":      {answering("200 OK", "application/json", strings.Repeat(" ", maxStatus+1)), ErrNotAPhone},
		"not HTTP":      {"220 mail ready\r\n", ErrNotAPhone},
		"closes":        {"", ErrNoPhone},
		"closes within": {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", ErrNotAPhone},
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, "127.0.0.1:0", func(conn net.Conn) {
				b := make([]byte, 4096)
				_, _ = conn.Read(b)
				_, _ = conn.Write([]byte(c.answer))
			})
			p, err := Open(t.Context(), addr, Options{Timeout: 10 * time.Second})
			if p != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), addr) {
				t.Errorf("opened with %v, want %v of %s", err, c.want, addr)
			}
		})
	}
	for _, addr := range []string{"", "a b:80", "x:y:z", "127.0.0.1:80\r\nHost: evil"} {
		if _, err := Open(t.Context(), addr, Options{}); !errors.Is(err, ErrNoPhone) {
			t.Errorf("%q: %v, want %v", addr, err, ErrNoPhone)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := ReadStatus(t.Context(), l.Addr().String()); !errors.Is(err, ErrNoPhone) || outcomeOf(err) != Refused {
		t.Errorf("%v (%s), want %v", err, outcomeOf(err), ErrNoPhone)
	}
}
