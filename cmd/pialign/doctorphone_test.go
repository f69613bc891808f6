package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

func newRand(seed uint64) *rand.Rand { return scenario.Rand(seed, 1) }

// ward is a network that knows some phones; addresses lead where they lead.
type ward []probe.Found

func (w ward) discover(context.Context, time.Duration) ([]probe.Found, error) { return w, nil }

func (w ward) scan(context.Context) ([]probe.Found, []netip.Prefix, error) { return nil, nil, nil }

func (w ward) resolve(ctx context.Context, spec string, _ time.Duration) ([]probe.Found, error) {
	return []probe.Found{{Addrs: []string{spec}}}, nil
}

// testClinic is a clinic with a healthy computer, on a clock on which waiting costs nothing.
func testClinic(now *fakephone.VirtualTime, heard ...probe.Found) clinic {
	return clinic{net: ward(heard), clock: now, schedule: doctorSchedule,
		describe: func() probe.ClockInfo { return healthyHost().clock },
		askNTP:   askNTP,
		free:     func(string) (uint64, error) { return 80 << 30, nil }}
}

// sickPhone starts a fake phone that cfg makes ill, heard by mDNS, and returns what doctor says of it.
func sickPhone(t *testing.T, cfg fakephone.Config, treat func(*fakephone.Phone)) (int, doctorReport) {
	t.Helper()
	now := fakephone.NewVirtualTime(phoneNow, 1e12)
	cfg.Time = now
	cfg.Clock.Origin = phoneNow
	if cfg.Clock.Offset == 0 {
		cfg.Clock.Offset = 12 * time.Millisecond
	}
	if cfg.Up == (scenario.Delay{}) {
		cfg.Up = scenario.Delay{Law: scenario.Exponential, Floor: 2 * time.Millisecond, Scale: time.Millisecond}
		cfg.Down = cfg.Up
	}
	p, err := fakephone.Start(t.Context(), cfg, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if treat != nil {
		treat(p)
	}
	c := testClinic(now, probe.Found{Name: p.Name(), ID: p.DeviceID(), Addrs: []string{p.Addr()}})
	return seeDoctor(t, c, doctorOptions{devices: []string{p.Addr()}})
}

// seeDoctor returns the exit code and what --json says.
func seeDoctor(t *testing.T, c clinic, o doctorOptions) (int, doctorReport) {
	t.Helper()
	o.json = true
	var out, talk strings.Builder
	err := doctor(t.Context(), stdio{strings.NewReader(""), &out, &talk}, c, o)
	var r doctorReport
	var raw struct {
		Findings []finding
		Phones   []struct {
			Device string
			OK     int
			RTTMin string `json:"rtt_min_ns"`
			Bound  string `json:"bound_half_width_ns"`
		}
	}
	if e := json.Unmarshal([]byte(out.String()), &raw); e != nil {
		t.Fatalf("%v\n%s", e, out.String())
	}
	if talk.Len() > 0 {
		t.Errorf("talk beside JSON: %s", talk.String())
	}
	r.Findings = raw.Findings
	return codeOf(err), r
}

// amiss returns what is not fine.
func amiss(r doctorReport) (out []string) {
	for _, f := range r.Findings {
		if f.Level != levelFine {
			out = append(out, f.Level+" "+f.Check+": "+f.Text)
		}
	}
	return out
}

// TestDoctorAtFakePhones: a fault of a phone that really answers yields its one sentence.
func TestDoctorAtFakePhones(t *testing.T) {
	refuse := func(r fakephone.Refusal) func(*fakephone.Phone) {
		return func(p *fakephone.Phone) {
			if err := p.Refuse(r); err != nil {
				t.Error(err)
			}
		}
	}
	constant := func(d time.Duration) scenario.Delay { return scenario.Delay{Floor: d} }
	for _, c := range []struct {
		name  string
		cfg   fakephone.Config
		treat func(*fakephone.Phone)
		code  int
		want  string // how the one sentence begins; empty: none
	}{
		{name: "healthy"},
		{name: "healthy Neon", cfg: fakephone.Config{Family: fakephone.Neon}},
		{name: "low battery", treat: refuse(fakephone.BatteryLow), code: exitFailed, want: "fix battery: the phone's battery is critical, at 3 %"},
		{name: "storage", treat: refuse(fakephone.StorageLow), code: exitFailed, want: "fix storage: storage on the phone is critical, 50 MB free"},
		{name: "no echo", cfg: fakephone.Config{NoEcho: true}, want: "mind time-echo: the phone offers no Time Echo"},
		{name: "no glasses", cfg: fakephone.Config{Hardware: fakephone.HardwareAbsent}, want: "mind glasses: "},
		{name: "glasses of nulls", cfg: fakephone.Config{Hardware: fakephone.HardwareNull}, want: "mind glasses: "},
		{name: "far clock", cfg: fakephone.Config{Clock: scenario.Clock{Offset: -5 * time.Second}}, want: "mind offset: host - phone is -499"},
		{name: "slow", cfg: fakephone.Config{Up: constant(150 * time.Millisecond), Down: constant(250 * time.Millisecond)}, want: "mind round-trip: the fastest of 20 round trips took 40"},
		{name: "asleep", cfg: fakephone.Config{Radio: &fakephone.Radio{Awake: 30 * time.Millisecond}}, want: "mind power-save: the phone's radio sleeps"},
		{name: "two clocks", cfg: fakephone.Config{EchoClock: &scenario.Clock{Origin: phoneNow, Offset: 70 * time.Millisecond}}, want: "mind two-clocks: "},
		{name: "errors", cfg: fakephone.Config{Fault: func(int) fakephone.Fault { return fakephone.Fault{Kind: fakephone.ServerError} }},
			code: exitFailed, want: "fix exchanges: the phone gives its status but answers no event"},
		{name: "resets", cfg: fakephone.Config{Fault: func(n int) fakephone.Fault {
			if n%3 == 0 {
				return fakephone.Fault{Kind: fakephone.Reset}
			}
			return fakephone.Fault{}
		}}, want: "mind exchanges: 7 of 20 events got no answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, r := sickPhone(t, c.cfg, c.treat)
			bad := amiss(r)
			if code != c.code || c.want == "" && len(bad) > 0 || c.want != "" && (len(bad) != 1 || !strings.HasPrefix(bad[0], c.want)) {
				t.Errorf("exit code %d, %q; want %d, %q", code, bad, c.code, c.want)
			}
		})
	}
}

// TestDoctorWithoutUsableEvents: whatever Time Echo says, nothing is promised of events, by which sessions are measured.
func TestDoctorWithoutUsableEvents(t *testing.T) {
	for name, cfg := range map[string]fakephone.Config{
		"none is answered": {Fault: func(int) fakephone.Fault { return fakephone.Fault{Kind: fakephone.EmptyReply} }},
		// A phone whose clock shows the same second for ever.
		"stamps stand still": {StampResolution: time.Hour, EchoClock: &scenario.Clock{Origin: phoneNow, Offset: 12 * time.Millisecond}},
	} {
		code, r := sickPhone(t, cfg, nil)
		if code != exitFailed {
			t.Errorf("%s: exit code %d, want %d", name, code, exitFailed)
		}
		for _, f := range r.Findings {
			if f.Level == levelFine && (f.Check == "offset" || strings.Contains(f.Text, "bound")) {
				t.Errorf("%s: promised all the same: %v", name, f)
			}
		}
	}
}

// TestDoctorWithoutPhone: what answers is none, or nothing does.
func TestDoctorWithoutPhone(t *testing.T) {
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Log in</title>"))
	}))
	defer portal.Close()
	printer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"printer":"ready"}`))
	}))
	defer printer.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	_ = l.Close()
	for _, c := range []struct {
		name string
		at   []string
		want string
	}{
		{"portal", []string{portal.Listener.Addr().String()}, "fix phone: a web page answers at"},
		{"printer", []string{printer.Listener.Addr().String()}, "fix phone: what answers at"},
		{"nobody", []string{nobody}, "fix phone: no phone answers at"},
		{"none found", nil, "fix phone: no phone found within"},
	} {
		code, r := seeDoctor(t, testClinic(fakephone.NewVirtualTime(phoneNow, 1)), doctorOptions{devices: c.at})
		if bad := amiss(r); code != exitNoPhone || len(bad) != 1 || !strings.HasPrefix(bad[0], c.want) {
			t.Errorf("%s: exit code %d, %q", c.name, code, bad)
		}
	}
}

// TestDoctorHearsNothing: a phone that answers at its address, in a network that blocks mDNS; and one within this computer, where
// nothing is heard of it in any network.
func TestDoctorHearsNothing(t *testing.T) {
	now := fakephone.NewVirtualTime(phoneNow, 1)
	p, err := fakephone.Start(t.Context(), fakephone.Config{Time: now, Clock: scenario.Clock{Origin: phoneNow}}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	code, r := seeDoctor(t, testClinic(now), doctorOptions{devices: []string{p.Addr()}})
	if bad := amiss(r); code != exitDone || len(bad) != 0 {
		t.Errorf("exit code %d, %q", code, bad)
	}
	for _, f := range r.Findings {
		if f.Check == "mdns" {
			t.Errorf("said of a rehearsal within this computer: %v", f)
		}
	}
	var m mdnsFacts
	m.compare([]*phoneFacts{{addr: "127.0.0.1:8080"}, {addr: "[::1]:8080"}, {addr: "192.168.1.21:8080"}}, nil)
	if got := checkMDNS(&hostFacts{mdns: &m}); got.level != levelMind || !strings.HasPrefix(got.text, "mDNS does not get through: 192.168.1.21:8080 answers") {
		t.Errorf("%v", got)
	}
}

// TestDoctorNTP asks a time server of our own: in order, far away, refusing, silent.
func TestDoctorNTP(t *testing.T) {
	now := fakephone.NewVirtualTime(phoneNow, 1)
	p, err := fakephone.Start(t.Context(), fakephone.Config{Time: now, Clock: scenario.Clock{Origin: phoneNow}}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, c := range []struct {
		name    string
		by      time.Duration
		stratum byte
		want    string
	}{
		{"in order", 0, 2, ""},
		{"far", 2 * time.Second, 2, "mind ntp: this computer's clock is 2.0 s behind"},
		{"kiss of death", 0, 0, "mind ntp: the time server"},
	} {
		server := timeServer(t, c.by, c.stratum)
		cl := testClinic(now, probe.Found{ID: p.DeviceID(), Addrs: []string{p.Addr()}})
		code, r := seeDoctor(t, cl, doctorOptions{devices: []string{p.Addr()}, ntp: server})
		bad := amiss(r)
		if code != exitDone || c.want == "" && len(bad) > 0 || c.want != "" && (len(bad) != 1 || !strings.HasPrefix(bad[0], c.want)) {
			t.Errorf("%s: exit code %d, %q", c.name, code, bad)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := askNTP(ctx, "127.0.0.1:9"); err == nil {
		t.Error("an answer from nobody")
	}
}

// timeServer answers NTP (RFC 5905, figure 8) with this computer's time and by.
func timeServer(t *testing.T, by time.Duration, stratum byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if n < 48 {
				continue
			}
			wall, _ := probe.SystemClock().Stamp()
			stamp := func(b []byte, h align.HostTime) { // seconds since 1900, and 2^-32 s
				const from1900 = 2_208_988_800
				binary.BigEndian.PutUint32(b, uint32(int64(h)/1e9+from1900))
				binary.BigEndian.PutUint32(b[4:], uint32(uint64(int64(h)%1e9)<<32/1e9))
			}
			out := make([]byte, 48)
			out[0], out[1], out[2], out[3] = 4<<3|4, stratum, 6, 0xec // version 4, server, 2^-20 s
			copy(out[12:], "TEST")
			stamp(out[16:], wall.Add(by-time.Minute))
			copy(out[24:], buf[40:48])
			stamp(out[32:], wall.Add(by))
			stamp(out[40:], wall.Add(by))
			_, _ = conn.WriteTo(out, from)
		}
	}()
	return conn.LocalAddr().String()
}

// TestDoctorFolder: what is wrong with the session's folder, and that nothing is left in it.
func TestDoctorFolder(t *testing.T) {
	dir := t.TempDir()
	c := testClinic(fakephone.NewVirtualTime(phoneNow, 1))
	look := func(path string) *folderFacts { return c.lookInto(path) }
	if f := look(filepath.Join(dir, "new", "p01")); f.writeErr != nil || f.free != 80<<30 || f.unfinished != 0 {
		t.Errorf("a folder to be made: %+v", f)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) > 0 {
		t.Errorf("doctor leaves %q behind", found)
	}
	w, err := probelog.Create(dir, probelog.Header{Session: "p01", DeviceID: "d", Phase: "start", Started: phoneNow})
	if err != nil {
		t.Fatal(err)
	}
	if f := look(dir); f.unfinished != 0 {
		t.Errorf("a running probe's journal counts as left behind: %+v", f)
	}
	path, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if f := look(path); f.writeErr == nil {
		t.Error("a file goes for a folder")
	}
	if f := look(filepath.Join(path, "p01")); f.writeErr == nil {
		t.Error("a file goes for a folder above")
	}
	if free, err := freeSpace(dir); err != nil || free == 0 {
		t.Errorf("free space %d, %v", free, err)
	}
}

func TestNTPServerNames(t *testing.T) {
	for name, want := range map[string]string{"": "", "asia": "asia.pool.ntp.org", "europe": "europe.pool.ntp.org",
		"north-america": "north-america.pool.ntp.org", "time.example:1123": "time.example:1123"} {
		if got, err := ntpServer(name); err != nil || got != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	if _, err := ntpServer("http://time.example/"); codeOf(err) != exitUsage {
		t.Error(err)
	}
}
