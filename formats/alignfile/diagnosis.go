package alignfile

import (
	"encoding/json"
	"math"
	"time"

	"github.com/pialign/pialign/align"
)

// This file mirrors align.Diagnosis. A field that comes later within a format version gets omitzero, so that older
// files are still read; TestDiagnosisIsWhole fails while one is missing here.

type diagnosisDoc struct {
	Method      string       `json:"method"`
	Base        string       `json:"base"`
	Samples     int          `json:"samples"`
	Used        int          `json:"used"`
	Quanta      []quantumDoc `json:"quanta"`
	Rounding    string       `json:"rounding"`
	Bursts      []burstDoc   `json:"bursts"`
	DriftE18    digits       `json:"drift_e18"`
	DriftSDE18  digits       `json:"drift_sd_e18"`
	WanderPPM   figure       `json:"wander_ppm"`
	Paths       []pathDoc    `json:"paths"`
	SmallestRTT digits       `json:"smallest_rtt_ns"`
	BoundE18    digits       `json:"bound_e18"`
	Warnings    []warningDoc `json:"warnings"`
}

type quantumDoc struct {
	Clock      string `json:"clock"`
	Protocol   string `json:"protocol"`
	Resolution digits `json:"resolution_ns"`
}

type burstDoc struct {
	Phase     string `json:"phase"`
	First     digits `json:"first_ns"`
	Last      digits `json:"last_ns"`
	Kept      int    `json:"kept"`
	Dropped   int    `json:"dropped"`
	RTTMin    digits `json:"rtt_min_ns"`
	RTTMedian digits `json:"rtt_median_ns"`
	RTTP95    digits `json:"rtt_p95_ns"`
	RTTMax    digits `json:"rtt_max_ns"`
	Path      int    `json:"path"`
	Offset    digits `json:"offset_ns"`
	OffsetSD  digits `json:"offset_sd_ns"`
	Width     digits `json:"width_ns"`
}

type pathDoc struct {
	Bursts  int    `json:"bursts"`
	Floor   digits `json:"floor_ns"`
	FloorSD digits `json:"floor_sd_ns"`
	Pooled  figure `json:"pooled"`
	Up      lawDoc `json:"up"`
	Down    lawDoc `json:"down"`
}

type lawDoc struct {
	Shape figure `json:"shape"`
	Scale digits `json:"scale_ns"`
	Tail  figure `json:"tail"`
	Flat  figure `json:"flat"`
	Q10   digits `json:"q10_ns"`
}

type warningDoc struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// figure is a number that is no instant. JSON has no infinite ones and none that are undefined: both are null.
type figure float64

func (f figure) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

func (f *figure) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = figure(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(f))
}

// toDiagnosis leaves out the assumptions, which have a place of their own in the file.
func toDiagnosis(d align.Diagnosis) diagnosisDoc {
	return diagnosisDoc{
		Method: d.Method, Base: string(d.Base), Samples: d.Samples, Used: d.Used, Rounding: string(d.Rounding),
		DriftE18: digits(d.DriftE18), DriftSDE18: digits(d.DriftSDE18), WanderPPM: figure(d.WanderPPM),
		SmallestRTT: digits(d.SmallestRTT), BoundE18: digits(d.BoundE18),
		Quanta: list(d.Quanta, func(q align.Quantum) quantumDoc {
			return quantumDoc{q.Clock, q.Protocol, digits(q.Resolution)}
		}),
		Bursts: list(d.Bursts, func(b align.BurstReport) burstDoc {
			return burstDoc{
				Phase: b.Phase, First: digits(b.First), Last: digits(b.Last), Kept: b.Kept, Dropped: b.Dropped,
				RTTMin: digits(b.RTTMin), RTTMedian: digits(b.RTTMedian), RTTP95: digits(b.RTTP95), RTTMax: digits(b.RTTMax),
				Path: b.Path, Offset: digits(b.Offset), OffsetSD: digits(b.OffsetSD), Width: digits(b.Width),
			}
		}),
		Paths: list(d.Paths, func(p align.PathReport) pathDoc {
			return pathDoc{p.Bursts, digits(p.Floor), digits(p.FloorSD), figure(p.Pooled), toLaw(p.Up), toLaw(p.Down)}
		}),
		Warnings: list(d.Warnings, func(w align.Warning) warningDoc { return warningDoc{string(w.Kind), w.Text} }),
	}
}

func (d diagnosisDoc) diagnosis() align.Diagnosis {
	return align.Diagnosis{
		Method: d.Method, Base: align.Base(d.Base), Samples: d.Samples, Used: d.Used, Rounding: align.Rounding(d.Rounding),
		DriftE18: int64(d.DriftE18), DriftSDE18: int64(d.DriftSDE18), WanderPPM: float64(d.WanderPPM),
		SmallestRTT: time.Duration(d.SmallestRTT), BoundE18: int64(d.BoundE18),
		Quanta: none(list(d.Quanta, func(q quantumDoc) align.Quantum {
			return align.Quantum{Clock: q.Clock, Protocol: q.Protocol, Resolution: time.Duration(q.Resolution)}
		})),
		Bursts: none(list(d.Bursts, func(b burstDoc) align.BurstReport {
			return align.BurstReport{
				Phase: b.Phase, First: align.DeviceTime(b.First), Last: align.DeviceTime(b.Last), Kept: b.Kept, Dropped: b.Dropped,
				RTTMin: time.Duration(b.RTTMin), RTTMedian: time.Duration(b.RTTMedian),
				RTTP95: time.Duration(b.RTTP95), RTTMax: time.Duration(b.RTTMax),
				Path: b.Path, Offset: time.Duration(b.Offset), OffsetSD: time.Duration(b.OffsetSD), Width: time.Duration(b.Width),
			}
		})),
		Paths: none(list(d.Paths, func(p pathDoc) align.PathReport {
			return align.PathReport{
				Bursts: p.Bursts, Floor: time.Duration(p.Floor), FloorSD: time.Duration(p.FloorSD), Pooled: float64(p.Pooled),
				Up: p.Up.law(), Down: p.Down.law(),
			}
		})),
		Warnings: none(list(d.Warnings, func(w warningDoc) align.Warning {
			return align.Warning{Kind: align.WarningKind(w.Kind), Text: w.Text}
		})),
	}
}

func toLaw(l align.LawReport) lawDoc {
	return lawDoc{figure(l.Shape), digits(l.Scale), figure(l.Tail), figure(l.Flat), digits(l.Q10)}
}

func (l lawDoc) law() align.LawReport {
	return align.LawReport{
		Shape: float64(l.Shape), Scale: time.Duration(l.Scale), Tail: float64(l.Tail), Flat: float64(l.Flat), Q10: time.Duration(l.Q10),
	}
}
