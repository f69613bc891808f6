package main

import "github.com/pialign/pialign/probe"

// doctorReport is what --json prints.
type doctorReport struct {
	Findings []finding     `json:"findings"`
	Phones   []phoneReport `json:"phones"`
	Host     hostReport    `json:"host"`
}

type phoneReport struct {
	Device    string `json:"device"` // as the user called it
	DeviceID  string `json:"device_id,omitempty"`
	Name      string `json:"name,omitempty"`
	Address   string `json:"address,omitempty"`
	App       string `json:"app,omitempty"`
	EchoPort  int    `json:"time_echo_port,omitempty"`
	Battery   *int   `json:"battery_percent"` // null: unknown
	FreeBytes *nanos `json:"free_bytes"`
	OK        int    `json:"ok"`
	Lost      int    `json:"lost"`
	RTTMin    *nanos `json:"rtt_min_ns"`
	RTTMedian *nanos `json:"rtt_median_ns"`
	Offset    *nanos `json:"offset_ns"` // host - device, of events; null: they contradict each other, or there is none
	Bound     *nanos `json:"bound_half_width_ns"`
	Error     string `json:"error,omitempty"`
}

type hostReport struct {
	OS             string `json:"os"`
	Discipline     string `json:"discipline"`
	WallResolution nanos  `json:"wall_resolution_ns"`
	MonoResolution nanos  `json:"mono_resolution_ns"`
	NTPServer      string `json:"ntp_server,omitempty"`
	NTPOffset      *nanos `json:"ntp_offset_ns,omitempty"` // server - host
	FreeBytes      *nanos `json:"free_bytes,omitempty"`
}

func newDoctorReport(findings []finding, phones []*phoneFacts, host *hostFacts) doctorReport {
	out := doctorReport{Findings: findings, Phones: []phoneReport{}, Host: hostReport{
		OS: host.clock.OS, Discipline: host.clock.Discipline,
		WallResolution: nanos(host.clock.WallResolution), MonoResolution: nanos(host.clock.MonoResolution)}}
	if n := host.ntp; n != nil {
		if out.Host.NTPServer = n.server; n.err == nil {
			out.Host.NTPOffset = ref(nanos(n.offset))
		}
	}
	if f := host.folder; f != nil && f.freeErr == nil {
		out.Host.FreeBytes = ref(nanos(f.free))
	}
	for _, p := range phones {
		r := phoneReport{Device: p.spec}
		if p.err != nil {
			r.Error = oneLine(p.err)
			out.Phones = append(out.Phones, r)
			continue
		}
		ph := p.status.Phone
		r.DeviceID, r.Name, r.Address, r.App, r.EchoPort = ph.DeviceID, ph.Name, p.addr, appOf(p.status), ph.EchoPort
		if ph.Battery >= 0 {
			r.Battery = ref(ph.Battery)
		}
		if ph.Memory >= 0 {
			r.FreeBytes = ref(nanos(ph.Memory))
		}
		r.OK, r.Lost = p.answered(""), len(p.exchanges)-p.answered("")
		if p.answered(probe.Event) > 0 {
			lo, mid := p.roundTrips(probe.Event)
			r.RTTMin, r.RTTMedian = ref(nanos(lo)), ref(nanos(mid))
			if v, contradicting := p.offset(probe.Event); contradicting == 0 {
				r.Offset, r.Bound = ref(nanos(v.Mid())), ref(nanos(v.Width()/2))
			}
		}
		out.Phones = append(out.Phones, r)
	}
	return out
}
