package align

import "time"

// Alignment is what Fit makes of the exchanges of one device over one session. It is immutable by convention and
// safe for concurrent use.
type Alignment struct {
	Wall *Model[HostTime]
	Mono *Model[MonoTime] // nil where there are no monotonic readings, or none that compare
	// HostSteps are the changes of wall - monotonic that are no drift: somebody set the host's wall clock.
	HostSteps []Step
	Diagnosis Diagnosis
}

// Base says which host clock the fit was made against.
type Base string

// A fit against the monotonic clock is not disturbed by a wall clock that is set.
const (
	BaseMono Base = "monotonic"
	BaseWall Base = "wall"
)

// Diagnosis is what a fit found out about its measurements. Spans are durations, drifts 1e-18 of device time.
type Diagnosis struct {
	Method      string // the estimator: "floor-edge" unless Options asked for another
	Base        Base
	Samples     int // given to the fit, duplicates counted once
	Used        int // left after preparation
	Quanta      []Quantum
	Rounding    Rounding // the rule assumed for the device's stamps
	Bursts      []BurstReport
	DriftE18    int64         // of host - device on the base clock: where the session begins, from where it wanders; of a recipe over the whole session
	DriftSDE18  int64         // its standard deviation
	WanderPPM   float64       // how much the rate wanders, in ppm per square root of an hour: assumed with few bursts
	Paths       []PathReport  // what the delays look like, by path
	SmallestRTT time.Duration // of the samples used: no assumption about delays shrinks the bound below about this
	BoundE18    int64         // how far the momentary rate may be from the common one, as the bound allows
	Warnings    []Warning
	Assumptions []string // sentences; the bound holds while they do
}

// DriftKnown reports whether the exchanges tell the drift: its standard deviation is less than half of what is assumed of any phone before there are
// any. After a single short burst it is not, and DriftE18 is that assumption, about 0. A recipe states no deviation, and its drift is what it takes for true.
func (d Diagnosis) DriftKnown() bool { return d.DriftSDE18 < priorDrift*1e9/2 }

// Quantum is the resolution of the stamps of one clock.
type Quantum struct {
	Clock      string // "device", "wall" or "monotonic"
	Protocol   string // of the device's clock: "event" or "echo"; else empty
	Resolution time.Duration
}

// BurstReport describes one burst: a run of samples without a long pause.
type BurstReport struct {
	Phase                             string
	First, Last                       DeviceTime // the first and the last stamp used
	Kept, Dropped                     int        // Dropped: impossible beside the others, or B before A
	RTTMin, RTTMedian, RTTP95, RTTMax time.Duration
	Path                              int           // which of Diagnosis.Paths it was measured over
	Offset, OffsetSD                  time.Duration // host - device in the middle of the burst on the base clock; sd without unequal floors
	Width                             time.Duration // of the range of offsets that every kept sample allows
}

// PathReport describes the delays of the bursts that were measured over one path.
type PathReport struct {
	Bursts         int
	Floor, FloorSD time.Duration // of the round trip: the shortest possible, no longer than the shortest seen; standard deviation
	Pooled         float64       // 0 to 1: how plausible it is that both directions jitter alike
	Up, Down       LawReport     // the most plausible laws
}

// LawReport is a law of delays above their floor: a beta prime distribution and a flat part.
type LawReport struct {
	Shape float64 // at the floor: 1 as an exponential, larger where few messages come near it
	Scale time.Duration
	Tail  float64       // index: the smaller, the heavier
	Flat  float64       // 0 to 1: share of the flat part
	Q10   time.Duration // 10 % quantile of the delays seen, above the floor
}

// WarningKind names a warning, for callers that branch on it.
type WarningKind string

// The warnings.
const (
	WarnFewSamples   WarningKind = "few-samples"   // a burst has fewer than ten
	WarnOneBurst     WarningKind = "one-burst"     // drift is unknown
	WarnShortGap     WarningKind = "short-gap"     // the bursts are too close together for the drift to be known
	WarnDrift        WarningKind = "drift"         // above 60 ppm
	WarnWander       WarningKind = "wander"        // the samples contradict each other within 1 ppm
	WarnFalsetickers WarningKind = "falsetickers"  // impossible samples were dropped
	WarnBurstRefused WarningKind = "burst-refused" // more than half of a burst was impossible
	WarnWall         WarningKind = "wall"          // fitted against the wall clock
	WarnHostStep     WarningKind = "host-step"     // the wall clock changed against the monotonic one
	WarnSlew         WarningKind = "slew"          // the host's clocks were slewed between the exchanges
	WarnPhoneStep    WarningKind = "phone-step"    // the phone's clock was set
	WarnPath         WarningKind = "path"          // the floor of the round trip changed: roaming, or another network
	WarnResiduals    WarningKind = "residuals"     // the bursts lie farther from the map than their spread allows
	WarnTwoClocks    WarningKind = "two-clocks"    // the phone answers one protocol from another clock
	WarnMethod       WarningKind = "method"        // fitted by a recipe that is there to compare with
	WarnWide         WarningKind = "wide"          // the 95 % half-width exceeds 5 ms inside the session
)

// Warning is something that a user should know before believing the fit.
type Warning struct {
	Kind WarningKind
	Text string // one sentence, with its numbers
}

// Rounding says how a clock makes a stamp of an instant.
type Rounding string

// Whether phones truncate is not confirmed, and no number of exchanges can tell: the two differ by half a quantum.
const (
	RoundingUnknown  Rounding = "unknown"  // estimates as Truncate, bounds that hold for both
	RoundingTruncate Rounding = "truncate" // the last tick passed
	RoundingNearest  Rounding = "round"    // the nearest tick
)

// Options change how Fit works. The zero value is right for most.
type Options struct {
	// Rounding of the device's clock. Empty: RoundingUnknown.
	Rounding Rounding
	// The resolutions that the logs state, where they do; a coarser one seen in the stamps wins.
	WallResolution, MonoResolution time.Duration
	DeviceResolution               map[string]time.Duration // by Sample.Protocol
	// Asymmetry is the standard deviation assumed for (f1 - f2)/(f1 + f2), where f1 and f2 are the shortest delays to the phone and
	// back, which no exchange can show. 0: 0.25. Negative: none, for a path known to be symmetric. 0.58 stands for
	// "anything possible is as likely".
	Asymmetry float64
	// HostClock are further readings of the host's clocks, of the same boot: they show when the wall clock was set, and whether a
	// time service slewed the monotonic clock between the exchanges, which widens the bound.
	HostClock []HostReading
	// Method is the estimator; the empty one is ours, the others are there to compare with.
	Method Method
	// Override fits what Fit would refuse as implausible, by its likeliest reading: a drift above 100 ppm with two bursts, a step that may as well
	// lie in another gap or that one exchange alone shows, bursts of which the larger part is no majority, exchanges that contradict each other (then
	// no bound is stated). It offers the map up to 30 days beyond the bursts.
	Override bool
}
