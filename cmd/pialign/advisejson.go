package main

import "github.com/pialign/pialign/align/scenario"

// advice is what advise --json prints.
type advice struct {
	Goal    nanos        `json:"error_wanted_ns"`
	Span    nanos        `json:"span_ns"`
	Assumed assumed      `json:"assumed"`
	Plans   []planReport `json:"plans"`
	Pick    *int         `json:"pick"` // index into plans; null: none reaches the goal
	Run     []string     `json:"commands,omitempty"`
}

type assumed struct {
	Law       string  `json:"delay_law"` // of the jitter, each way
	Floor     nanos   `json:"rtt_floor_ns"`
	Scale     nanos   `json:"delay_scale_ns"` // each way: the law's mean or median
	Loss      float64 `json:"loss"`
	Tick      nanos   `json:"phone_resolution_ns"`
	Wander    float64 `json:"wander_ppm_per_sqrt_hour"`
	Asymmetry float64 `json:"asymmetry"`
}

type planReport struct {
	Bursts    int    `json:"bursts"`
	Count     int    `json:"count"`
	Every     *nanos `json:"every_ns"` // null: a burst at the start, a burst at the end
	Exchanges int    `json:"exchanges"`
	Error     nanos  `json:"error_95_ns"`
	Symmetric nanos  `json:"error_95_symmetric_ns"`
	Stated    nanos  `json:"stated_95_ns"`
	Bound     nanos  `json:"bound_half_width_ns"`
	Reaches   bool   `json:"reaches"`
	Failed    int    `json:"sessions_refused,omitempty"` // that fit would refuse
}

func newAdvice(o adviseOptions, w scenario.Setting, plans []planned, pick int) advice {
	out := advice{Goal: nanos(o.goal), Span: nanos(o.span), Assumed: assumed{Law: string(w.Up.Law), Floor: nanos(w.Up.Floor + w.Down.Floor),
		Scale: nanos(w.Up.Scale), Loss: w.Loss, Tick: nanos(w.Tick), Wander: w.Wander, Asymmetry: o.asymmetry}}
	for _, p := range plans {
		r := planReport{Bursts: len(p.Starts), Count: p.Count, Exchanges: p.Exchanges(), Error: nanos(p.Error), Symmetric: nanos(p.Symmetric),
			Stated: nanos(p.Stated), Bound: nanos(p.Bound), Reaches: p.failed == 0 && p.Error <= o.goal, Failed: p.failed}
		if p.Every > 0 {
			r.Every = ref(nanos(p.Every))
		}
		out.Plans = append(out.Plans, r)
	}
	if pick >= 0 {
		out.Pick, out.Run = &pick, plans[pick].commands(o.session)
	}
	return out
}
