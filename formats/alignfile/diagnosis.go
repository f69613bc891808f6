package alignfile

import (
	"time"

	"github.com/pialign/pialign/align"
)

// This file mirrors align.Diagnosis. A field that comes later within a format version gets omitempty, so that older
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
	SmallestRTT digits       `json:"smallest_rtt_ns"`
	WanderE18   digits       `json:"wander_e18"`
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
	Offset    digits `json:"offset_ns"`
	Width     digits `json:"width_ns"`
}

type warningDoc struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// toDiagnosis leaves out the assumptions, which have a place of their own in the file.
func toDiagnosis(d align.Diagnosis) diagnosisDoc {
	return diagnosisDoc{
		Method: d.Method, Base: string(d.Base), Samples: d.Samples, Used: d.Used, Rounding: string(d.Rounding),
		DriftE18: digits(d.DriftE18), SmallestRTT: digits(d.SmallestRTT), WanderE18: digits(d.WanderE18),
		Quanta: list(d.Quanta, func(q align.Quantum) quantumDoc {
			return quantumDoc{q.Clock, q.Protocol, digits(q.Resolution)}
		}),
		Bursts: list(d.Bursts, func(b align.BurstReport) burstDoc {
			return burstDoc{
				Phase: b.Phase, First: digits(b.First), Last: digits(b.Last), Kept: b.Kept, Dropped: b.Dropped,
				RTTMin: digits(b.RTTMin), RTTMedian: digits(b.RTTMedian), RTTP95: digits(b.RTTP95), RTTMax: digits(b.RTTMax),
				Offset: digits(b.Offset), Width: digits(b.Width),
			}
		}),
		Warnings: list(d.Warnings, func(w align.Warning) warningDoc { return warningDoc{string(w.Kind), w.Text} }),
	}
}

func (d diagnosisDoc) diagnosis() align.Diagnosis {
	return align.Diagnosis{
		Method: d.Method, Base: align.Base(d.Base), Samples: d.Samples, Used: d.Used, Rounding: align.Rounding(d.Rounding),
		DriftE18: int64(d.DriftE18), SmallestRTT: time.Duration(d.SmallestRTT), WanderE18: int64(d.WanderE18),
		Quanta: none(list(d.Quanta, func(q quantumDoc) align.Quantum {
			return align.Quantum{Clock: q.Clock, Protocol: q.Protocol, Resolution: time.Duration(q.Resolution)}
		})),
		Bursts: none(list(d.Bursts, func(b burstDoc) align.BurstReport {
			return align.BurstReport{
				Phase: b.Phase, First: align.DeviceTime(b.First), Last: align.DeviceTime(b.Last), Kept: b.Kept, Dropped: b.Dropped,
				RTTMin: time.Duration(b.RTTMin), RTTMedian: time.Duration(b.RTTMedian),
				RTTP95: time.Duration(b.RTTP95), RTTMax: time.Duration(b.RTTMax),
				Offset: time.Duration(b.Offset), Width: time.Duration(b.Width),
			}
		})),
		Warnings: none(list(d.Warnings, func(w warningDoc) align.Warning {
			return align.Warning{Kind: align.WarningKind(w.Kind), Text: w.Text}
		})),
	}
}
