package fakephone

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A Neon takes the answers that it asked for, starts when it has them, and gives its calibration; an Invisible has neither.
func TestTemplateAndCalibration(t *testing.T) {
	ask := func(p *Phone, method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.Addr()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	start := func(f Family) *Phone {
		p, err := Start(t.Context(), Config{Time: NewVirtualTime(1_780_000_000_000_000_000, 1), Family: f, Refusal: TemplateMissing}, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		return p
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	neon := start(Neon)
	for _, c := range []struct {
		method, path, body string
		status             int
		holds              string
	}{
		{"GET", "/api/template_data", "", 200, `{"` + participant + `":[""]}`},
		{"POST", "/api/recording:start", "", 500, "required"},
		{"POST", "/api/template_data", `{"nobody":["x"]}`, 404, "nobody"},
		{"POST", "/api/template_data", `{"` + participant + `":[]}`, 400, "empty"},
		{"POST", "/api/template_data", `[`, 400, "cannot read"},
		{"POST", "/api/template_data", `{"` + participant + `":["P07"]}`, 200, `["P07"]`},
		{"GET", "/api/template_data", "", 200, `["P07"]`},
		{"POST", "/api/recording:start", "", 200, "Started"},
	} {
		status, body := ask(neon, c.method, c.path, c.body)
		if status != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s %s %s: %d %s, want %d with %s", c.method, c.path, c.body, status, body, c.status, c.holds)
		}
	}
	if status, b := ask(neon, "GET", "/calibration.bin", ""); status != 200 || len(b) != 803 || b[1:7] != "841684" {
		t.Errorf("calibration: %d, %d bytes", status, len(b))
	}
	invisible := start(Invisible)
	for _, path := range []string{"/api/template_data", "/calibration.bin"} {
		if status, _ := ask(invisible, "GET", path, ""); status != 404 {
			t.Errorf("%s of an Invisible: %d", path, status)
		}
	}
}
