// Package report makes the page that people look at: one HTML file of a session, a recording or a whole study, which needs nothing but itself.
// It is pure: what it shows it is given as a Document.
package report

import (
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// Number is one of ns, or of 1e-18: a string in JSON.
type Number = batch.Number

// Document is what a page shows, and what --json prints. What is not known is null or absent, never 0.
type Document struct {
	Kind       string       `json:"kind"` // "report"
	Version    int          `json:"format_version"`
	Program    string       `json:"program"`
	Notes      []string     `json:"notes,omitempty"` // what the reader must know about what was found and what was not
	Alignments []*Alignment `json:"alignments,omitempty"`
	Pairs      []Pair       `json:"pairs,omitempty"`
	Retimed    []Retimed    `json:"retimed,omitempty"`
	Studies    []*Study     `json:"studies,omitempty"`
}

// Alignment is one device over one session.
type Alignment struct {
	Source      string     `json:"source"`
	Digest      string     `json:"digest,omitempty"`
	Program     string     `json:"fitted_by,omitempty"`
	DeviceID    string     `json:"device_id"`
	DeviceName  string     `json:"device_name,omitempty"`
	Error       string     `json:"error,omitempty"` // why there is no alignment; then nothing of what follows is there
	Logs        []string   `json:"logs,omitempty"`
	LogsRead    bool       `json:"logs_read"` // else there are neither residuals nor histograms
	Recordings  []string   `json:"recording_ids,omitempty"`
	Method      string     `json:"method,omitempty"`
	Recipe      bool       `json:"recipe,omitempty"` // one to compare with: it has no interval
	Base        string     `json:"fitted_on,omitempty"`
	Clock       string     `json:"clock,omitempty"` // of the instants, offsets and widths here: wall, or monotonic where that is all there is
	Rounding    string     `json:"rounding,omitempty"`
	Protocols   []string   `json:"protocols,omitempty"` // with the resolution of the phone's stamps
	Samples     int        `json:"samples"`
	Used        int        `json:"used"`
	Unanswered  int        `json:"unanswered"` // rows of the logs that are no exchanges
	First       *Number    `json:"first_host_ns"`
	Last        *Number    `json:"last_host_ns"`
	Length      *Number    `json:"length_ns"`
	Offset      *Number    `json:"offset_ns"`      // host - device in the middle between first and last
	MeanDrift   *Number    `json:"mean_drift_e18"` // of the map, from first to last, on the clock of the fit
	Drift       *Number    `json:"drift_e18"`      // as the fit states it: where the session begins
	DriftSD     *Number    `json:"drift_sd_e18"`
	HalfWidth   *Number    `json:"half_width_ns"` // of the 95 % interval, the worst between first and last
	StatWidth   *Number    `json:"stat_half_width_ns"`
	BoundWidth  *Number    `json:"bound_half_width_ns"`
	RTTMin      *Number    `json:"rtt_min_ns"`
	RTTMedian   *Number    `json:"rtt_median_ns"`
	RTTP95      *Number    `json:"rtt_p95_ns"`
	RTTMax      *Number    `json:"rtt_max_ns"`
	Residual    *Number    `json:"residual_median_abs_ns"` // of |middle of the exchange - map|
	Bursts      []Burst    `json:"bursts,omitempty"`
	Phases      []Phase    `json:"phases,omitempty"`
	Paths       []Path     `json:"paths,omitempty"`
	Steps       []Step     `json:"phone_steps,omitempty"`
	HostSteps   []Step     `json:"host_steps,omitempty"`
	HostClock   *HostClock `json:"host_clock,omitempty"` // where the session has a log of it
	Gaps        []Gap      `json:"gaps,omitempty"`
	Warnings    []string   `json:"warnings,omitempty"`
	Assumptions []string   `json:"assumptions,omitempty"`
	Methods     string     `json:"methods,omitempty"` // a paragraph to paste
	Cite        []Citation `json:"cite,omitempty"`    // what to cite with it
	charts      []Figure   // what is drawn
	exchanges   []exchange // of the logs
	clocks      []hostReading
	hostSet     [][2]time.Duration // between which instants the wall clock was set, as clocks have it
	file        *align.Alignment
	within      string // whose session, where the page has several
}

// Burst is a run of exchanges without a long pause.
type Burst struct {
	Phase     string  `json:"phase"`
	First     *Number `json:"first_host_ns"`
	Length    Number  `json:"length_ns"`
	Kept      int     `json:"kept"`
	Dropped   int     `json:"dropped"`
	RTTMin    Number  `json:"rtt_min_ns"`
	RTTMedian Number  `json:"rtt_median_ns"`
	RTTP95    Number  `json:"rtt_p95_ns"`
	RTTMax    Number  `json:"rtt_max_ns"`
	Path      int     `json:"path"`
	Offset    *Number `json:"offset_ns"` // of the map in its middle
	HalfWidth *Number `json:"half_width_ns"`
	Bound     *Number `json:"bound_half_width_ns"`
}

// Phase is what the exchanges of one label took, as the logs have it. The directions are by the model, and contain the unknown asymmetry; those
// exchanges that the bound does not allow are not in them, since one wrong stamp would be the least of all.
type Phase struct {
	Name       string  `json:"name"`
	Exchanges  int     `json:"exchanges"`
	RTTMin     Number  `json:"rtt_min_ns"`
	RTTMedian  Number  `json:"rtt_median_ns"`
	RTTP95     Number  `json:"rtt_p95_ns"`
	RTTMax     Number  `json:"rtt_max_ns"`
	UpMin      *Number `json:"up_min_ns"` // to the phone
	UpMedian   *Number `json:"up_median_ns"`
	UpP95      *Number `json:"up_p95_ns"`
	DownMin    *Number `json:"down_min_ns"` // back
	DownMedian *Number `json:"down_median_ns"`
	DownP95    *Number `json:"down_p95_ns"`
}

// Path is the delays of bursts that were measured over one path of the network.
type Path struct {
	Bursts  int     `json:"bursts"`
	Floor   Number  `json:"floor_ns"`
	FloorSD Number  `json:"floor_sd_ns"`
	UpQ10   Number  `json:"up_q10_ns"` // 10 % quantile above the floor
	DownQ10 Number  `json:"down_q10_ns"`
	UpLaw   LawText `json:"up"`
	DownLaw LawText `json:"down"`
}

// LawText is a law of delays in figures without a unit, as text.
type LawText struct {
	Shape string `json:"shape"`
	Scale Number `json:"scale_ns"`
	Tail  string `json:"tail_index"`
	Flat  string `json:"flat_share"`
}

// Step is a clock that was set.
type Step struct {
	From   Number `json:"from_host_ns"`
	To     Number `json:"to_host_ns"`
	By     Number `json:"by_ns"`
	Proved bool   `json:"proved"`
}

// Gap is a pause between two bursts.
type Gap struct {
	From   *Number `json:"from_host_ns"`
	Length Number  `json:"length_ns"`
}

// Pair is two devices that were worn at the same time.
type Pair struct {
	A         string  `json:"a"`
	B         string  `json:"b"`
	Clock     string  `json:"clock"`
	From      Number  `json:"from_host_ns"` // while both are known
	Length    Number  `json:"length_ns"`
	HalfWidth *Number `json:"half_width_ns"`       // root of the sum of the squares of the two 95 % half-widths
	Bound     *Number `json:"bound_half_width_ns"` // the sum of the two
}

// Retimed is what was done to a recording.
type Retimed struct {
	Source     string             `json:"source"`
	Program    string             `json:"program"`
	Clock      string             `json:"clock"`
	Mode       string             `json:"mode"`
	Ambiguous  string             `json:"ambiguous,omitempty"` // as which of two times an instant was taken
	Recordings []RetimedRecording `json:"recordings"`
	Files      []RetimedFile      `json:"files"`
	Refused    []string           `json:"refused,omitempty"`
	Methods    string             `json:"methods,omitempty"` // what to add to the paragraphs of their alignments
	charts     []Figure
}

// RetimedRecording is one recording in there.
type RetimedRecording struct {
	Name      string `json:"name"`
	DeviceID  string `json:"device_id"`
	Alignment string `json:"alignment"`         // digest
	Known     bool   `json:"alignment_on_page"` // it is among the alignments

	First     *Number `json:"first_device_ns"` // of all its times
	Last      *Number `json:"last_device_ns"`
	Length    *Number `json:"length_ns"`
	HalfWidth *Number `json:"half_width_ns"` // of the 95 % interval, the worst over its times
	StatWidth *Number `json:"stat_half_width_ns"`
	Bound     *Number `json:"bound_half_width_ns"`
	Beyond    *Number `json:"beyond_exchanges_ns,omitempty"` // how far it reaches beyond them, where that is worth a warning
	Unsure    string  `json:"width_unknown,omitempty"`       // why no width is stated

	Streams []Stream `json:"streams,omitempty"` // its sampled ones
}

// RetimedFile is one file in there.
type RetimedFile struct {
	Name    string   `json:"name"`
	Action  string   `json:"action"`
	Columns []string `json:"columns,omitempty"`
	Rows    int      `json:"rows,omitempty"`
}

// number is a span in JSON.
func number(d time.Duration) *Number {
	n := Number(d)
	return &n
}
