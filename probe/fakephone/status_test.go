package fakephone

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// status returns the well-formed components by model, and how many entries of any shape there were.
func (c *client) status() (map[string][]map[string]any, int) {
	c.t.Helper()
	got := c.do("GET", "/api/status", "")
	if got.status != http.StatusOK || got.kind != "application/json" {
		c.t.Fatalf("status: %d %s", got.status, got.kind)
	}
	top := parse(c.t, got.body)
	if top["message"] != "Success" {
		c.t.Errorf("message %v", top["message"])
	}
	list := top["result"].([]any)
	out := make(map[string][]map[string]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			if model, ok := m["model"].(string); ok {
				data, _ := m["data"].(map[string]any)
				out[model] = append(out[model], data)
			}
		}
	}
	return out, len(list)
}

func TestStatusOfEachFamily(t *testing.T) {
	for _, want := range []struct {
		family        Family
		name, version string
		sensors       int
	}{{Invisible, "OnePlus8", "1.0", 4}, {Neon, "Neon Companion", "2.0", 10}} {
		p, c := start(t, Config{Family: want.family, Plain: true})
		got, n := c.status()
		if len(got["Sensor"]) != want.sensors || n != want.sensors+2 {
			t.Errorf("%s: %d sensors of %d entries, want %d", want.family, len(got["Sensor"]), n, want.sensors)
		}
		phone := got["Phone"][0]
		if phone["device_id"] != p.DeviceID() || phone["device_name"] != want.name || phone["ip"] != "127.0.0.1" {
			t.Errorf("%s: phone %v", want.family, phone)
		}
		if string(phone["time_echo_port"].(interface{ String() string }).String()) != itoa(p.EchoPort()) {
			t.Errorf("%s: echo port %v, want %d", want.family, phone["time_echo_port"], p.EchoPort())
		}
		if v := got["Hardware"][0]["version"]; v != want.version {
			t.Errorf("%s: version %v, want the string %s", want.family, v, want.version)
		}
		if len(got["Recording"]) != 0 {
			t.Errorf("%s: a recording runs from the start", want.family)
		}
	}
}

func TestStatusEscapesAsThePhoneDoes(t *testing.T) {
	_, c := start(t, Config{Name: "<P&I=1>"})
	body := c.do("GET", "/api/status", "").body
	if i := strings.IndexAny(body, "=&<>"); i >= 0 {
		t.Errorf("%q stands as it is", body[i])
	}
	if !strings.Contains(body, `camera\u003dgaze\u0026audioenable\u003don`) {
		t.Errorf("stream parameters are not escaped as the phone escapes them: %s", body)
	}
	if got, _ := c.status(); got["Phone"][0]["device_name"] != "<P&I=1>" {
		t.Errorf("name reads back as %v", got["Phone"][0]["device_name"])
	}
	if i, j := strings.Index(body, `"battery_level"`), strings.LastIndex(body, `"device_id"`); i < 0 || j < i {
		t.Error("keys are not sorted")
	}
}

func TestStatusHoldsOddities(t *testing.T) {
	_, c := start(t, Config{})
	body := c.do("GET", "/api/status", "").body
	for what, want := range map[string]string{
		"another phone first":      `"result":[{"data":{"connected":true,"device_id":"1ab5d784b5eae33a"`,
		"an unknown kind":          `"model":"Hologram"`,
		"a null":                   `,null,`,
		"an entry without model":   `{"data":{"sensor":"gaze"}}`,
		"an entry without data":    `{"model":"Sensor"}`,
		"data that is null":        `{"data":null,"model":"Sensor"}`,
		"a missing field":          `{"data":{"sensor":"gaze"},"model":"Sensor"}`,
		"words outside every list": `"conn_type":"TELEPATHY"`,
		"an unknown field":         `"mood":`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing: no %s", what, want)
		}
	}
}

func TestStatusWithoutGlasses(t *testing.T) {
	p, c := start(t, Config{Family: Neon, Plain: true, Hardware: HardwareAbsent})
	got, _ := c.status()
	if len(got["Hardware"]) != 0 || len(got["Sensor"]) != 0 || len(got["Phone"]) != 1 {
		t.Errorf("absent: %v", got)
	}
	p.Plug(HardwareNull)
	got, _ = c.status()
	if len(got["Hardware"]) != 1 {
		t.Fatalf("null: %v", got)
	}
	for k, v := range got["Hardware"][0] {
		if v != nil {
			t.Errorf("null: %s is %v", k, v)
		}
	}
	for _, s := range got["Sensor"] {
		if s["connected"] != false {
			t.Errorf("null: a sensor is connected: %v", s)
		}
	}
	p.Plug(HardwarePresent)
	if got, _ = c.status(); got["Hardware"][0]["version"] != "2.0" || got["Sensor"][0]["connected"] != true {
		t.Errorf("present: %v", got)
	}
}

func TestStatusShowsLowBatteryAndStorage(t *testing.T) {
	p, c := start(t, Config{Refusal: BatteryLow})
	if got, _ := c.status(); got["Phone"][0]["battery_state"] != "CRITICAL" {
		t.Errorf("battery: %v", got["Phone"][0])
	}
	if err := p.Refuse(StorageLow); err != nil {
		t.Fatal(err)
	}
	if got, _ := c.status(); got["Phone"][0]["memory_state"] != "CRITICAL" || got["Phone"][0]["battery_state"] != "OK" {
		t.Errorf("storage: %v", got["Phone"][0])
	}
	if p.Refuse("tired") == nil {
		t.Error("an unknown refusal is taken")
	}
}

func TestRecordingLingersInStatus(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	_, c := start(t, Config{Time: now, Lag: -1, Linger: 2 * time.Second, Plain: true})
	c.do("POST", "/api/recording:start", "")
	now.Advance(5 * time.Second)
	got, _ := c.status()
	if len(got["Recording"]) != 1 || got["Recording"][0]["action"] != "START" ||
		got["Recording"][0]["rec_duration_ns"].(interface{ String() string }).String() != "5000000000" {
		t.Errorf("while it runs: %v", got["Recording"])
	}
	c.do("POST", "/api/recording:cancel", "")
	now.Advance(time.Second)
	if got, _ = c.status(); len(got["Recording"]) != 1 || got["Recording"][0]["action"] != "DISCARD" {
		t.Errorf("just after it: %v", got["Recording"])
	}
	now.Advance(time.Second)
	if got, _ = c.status(); len(got["Recording"]) != 0 {
		t.Errorf("later: %v", got["Recording"])
	}
}

func TestPagesBesideTheInterface(t *testing.T) {
	_, c := start(t, Config{Family: Neon})
	if got := c.do("GET", "/", ""); got.status != 200 || !strings.HasPrefix(got.kind, "text/html") {
		t.Errorf("monitor page: %d %s", got.status, got.kind)
	}
	if got := c.do("GET", "/api/template_def", ""); got.status != 200 || !strings.Contains(got.body, `"items":[`) {
		t.Errorf("template: %d %s", got.status, got.body)
	}
	if got := c.do("GET", "/api/nothing", ""); got.status != 404 {
		t.Errorf("unknown path: %d", got.status)
	}
	_, c = start(t, Config{})
	if got := c.do("GET", "/api/template_def", ""); got.status != 404 {
		t.Errorf("Invisible has a template: %d", got.status)
	}
}
