package batch

import (
	"bufio"
	"encoding/csv"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pialign/pialign/formats/flatparquet"
)

// Verdict is what a row of a summary comes down to.
type Verdict string

// The verdicts, the better ones first.
const (
	VerdictOK          Verdict = "ok"
	VerdictUnconfirmed Verdict = "unconfirmed" // nothing confirms that the alignment is of its phone: no width is certified
	VerdictInexact     Verdict = "inexact"     // wider than was asked for, or no width is known
	VerdictUnaligned   Verdict = "unaligned"   // re-timed beside others, but no alignment is of it
	VerdictPassed      Verdict = "passed"      // the plan does not pair it
	VerdictFailed      Verdict = "failed"
	VerdictMissing     Verdict = "missing" // no run has worked on it, or its result is gone
)

// Row is one recording of a study, or an input of which no recording is known.
type Row struct {
	Record    *Record
	Recording *RecordRecording // nil where none is known
	Verdict   Verdict
	Why       string // the verdict; "" for ok; may have several lines
}

// Rows returns those of a record. found says whether its result is there; limit is the widest 95 % half-width that is good enough, 0 for any.
func Rows(r *Record, found bool, limit time.Duration) []Row {
	whole := func() (Verdict, string) {
		switch {
		case r.Outcome == Passed:
			return VerdictPassed, r.Error
		case r.Outcome == Failed:
			return VerdictFailed, r.Error
		case !found:
			return VerdictMissing, "its result is gone: run it again"
		}
		return VerdictOK, ""
	}
	v, why := whole()
	if len(r.Recordings) == 0 {
		return []Row{{Record: r, Verdict: v, Why: why}}
	}
	rows := make([]Row, len(r.Recordings))
	for i := range r.Recordings {
		rec := &r.Recordings[i]
		rows[i] = Row{r, rec, v, why}
		why = Headline(why, InRecord) // the whole of it once
		if v == VerdictOK {
			rows[i].Verdict, rows[i].Why = rec.verdict(limit)
		}
	}
	return rows
}

// verdict judges a recording that is done.
func (r *RecordRecording) verdict(limit time.Duration) (Verdict, string) {
	switch {
	case r.Unaligned != "":
		return VerdictUnaligned, r.Unaligned
	case r.First == 0 && r.Last == 0:
		return VerdictOK, "" // no time in it
	case !r.Confirmed:
		return VerdictUnconfirmed, "nothing confirms that the alignment is of its phone"
	case r.HalfWidth == nil:
		return VerdictInexact, "its 95 % interval is not known everywhere"
	case limit > 0 && time.Duration(*r.HalfWidth) > limit:
		return VerdictInexact, "its 95 % interval is wider than --max-error " + limit.String()
	}
	return VerdictOK, ""
}

// RowsByPlan returns rows of a record as the line of a plan has it that is of the same output: what was done of another input is no result of the line,
// and what the plan does not pair counts as not aligned, whatever an earlier plan said.
func RowsByPlan(rows []Row, l Line) []Row {
	r := rows[0].Record
	switch {
	case r.Input != l.Input:
		return []Row{{Record: MissingRow(l).Record, Verdict: VerdictMissing, Why: "no run has worked on it: what is there is of " + r.Input}}
	case l.State != Paired && r.Outcome == Done:
		for i := range rows {
			rows[i].Verdict, rows[i].Why = VerdictPassed, "the plan does not pair it, as it did when it was run: "+l.Problem
		}
	case l.State == Paired && r.Outcome == Passed:
		for i := range rows {
			rows[i].Verdict, rows[i].Why = VerdictMissing, "no run has worked on it since the plan pairs it"
		}
	}
	return rows
}

// MissingRow is that of a line which no run has worked on.
func MissingRow(l Line) Row {
	return Row{Record: &Record{Input: l.Input, Output: l.Output, Kind: l.Kind, Bytes: l.Bytes}, Verdict: VerdictMissing, Why: "no run has worked on it"}
}

// Label names a recording of a result: a download of one recording is named after that.
func Label(output, recording string) string {
	whole := output
	if ext := path.Ext(output); strings.EqualFold(ext, ".zip") {
		whole = strings.TrimSuffix(output, ext)
	}
	if recording == "" || strings.HasSuffix(output, recording) || strings.HasSuffix(whole, recording) {
		return output
	}
	return output + ": " + recording
}

// Timed returns the half-width of the 95 % interval, for results that have one.
func (r *Row) Timed() (half time.Duration, known bool) {
	if r.Verdict != VerdictOK && r.Verdict != VerdictInexact || r.Recording == nil || r.Recording.HalfWidth == nil {
		return 0, false
	}
	return time.Duration(*r.Recording.HalfWidth), true
}

// Aligned reports whether its times were re-timed by an alignment, and its result is as it was written.
func (r *Row) Aligned() bool {
	return r.Verdict == VerdictOK || r.Verdict == VerdictInexact || r.Verdict == VerdictUnconfirmed
}

// Warnings are those of the input and of the recording.
func (r *Row) Warnings() []string {
	all := r.Record.Warnings
	if r.Recording != nil {
		all = append(all[:len(all):len(all)], r.Recording.Warnings...)
	}
	return all
}

type column = flatparquet.Column[Row]

// columns are those of a summary. docs/formats/summary.md says what each means.
var columns = []column{
	text("input", func(r *Row) string { return r.Record.Input }),
	text("output", func(r *Row) string { return r.Record.Output }),
	text("kind", func(r *Row) string { return r.Record.Kind }),
	text("verdict", func(r *Row) string { return string(r.Verdict) }),
	text("why", func(r *Row) string { return Headline(r.Why, InRecord) }),
	ofRecording("recording", func(r *RecordRecording) string { return r.Name }),
	ofRecording("recording_id", func(r *RecordRecording) string { return r.RecordingID }),
	ofRecording("device_id", func(r *RecordRecording) string { return r.DeviceID }),
	ofRecording("source", func(r *RecordRecording) string { return r.Source }),
	ofRecording("alignment", func(r *RecordRecording) string { return r.Alignment }),
	ofRecording("clock", func(r *RecordRecording) string { return r.Clock }),
	{Name: "confirmed", Flag: func(r *Row) bool { return r.Recording != nil && r.Recording.Confirmed }},
	instant("first_device_ns", func(r *RecordRecording) nanos { return r.First }),
	instant("last_device_ns", func(r *RecordRecording) nanos { return r.Last }),
	number("offset_ns", func(r *RecordRecording) *nanos { return r.Offset }),
	number("drift_e18", func(r *RecordRecording) *nanos { return r.DriftE18 }),
	{Name: "drift_ppm", Nullable: true, Double: func(r *Row) (float64, bool) {
		if r.Recording == nil || r.Recording.DriftE18 == nil {
			return 0, false
		}
		return float64(*r.Recording.DriftE18) / 1e12, true
	}},
	number("half_width_ns", func(r *RecordRecording) *nanos { return r.HalfWidth }),
	number("stat_half_width_ns", func(r *RecordRecording) *nanos { return r.StatHalfWidth }),
	number("bound_half_width_ns", func(r *RecordRecording) *nanos { return r.BoundHalfWidth }),
	number("half_width_if_right_ns", func(r *RecordRecording) *nanos { return r.IfRight }),
	number("stat_half_width_if_right_ns", func(r *RecordRecording) *nanos { return r.StatIfRight }),
	number("bound_half_width_if_right_ns", func(r *RecordRecording) *nanos { return r.BoundIfRight }),
	number("rtt_min_ns", func(r *RecordRecording) *nanos { return r.RTTMin }),
	number("rtt_median_ns", func(r *RecordRecording) *nanos { return r.RTTMedian }),
	number("rtt_p95_ns", func(r *RecordRecording) *nanos { return r.RTTP95 }),
	count("samples", func(r *RecordRecording) int { return r.Samples }),
	count("used", func(r *RecordRecording) int { return r.Used }),
	count("bursts", func(r *RecordRecording) int { return r.Bursts }),
	count("phone_steps", func(r *RecordRecording) int { return r.PhoneSteps }),
	count("host_steps", func(r *RecordRecording) int { return r.HostSteps }),
	ofGaps("gaps", func(g *Gaps) nanos { return nanos(g.Count) }),
	ofGaps("gap_total_ns", func(g *Gaps) nanos { return g.Total }),
	ofGaps("gap_longest_ns", func(g *Gaps) nanos { return g.Longest }),
	ofRecording("gap_file", func(r *RecordRecording) string {
		if r.Gaps == nil {
			return ""
		}
		return r.Gaps.File
	}),
	{Name: "bytes", Int: func(r *Row) (int64, bool) { return r.Record.Bytes, true }},
	{Name: "files_retimed", Int: func(r *Row) (int64, bool) { return int64(r.Record.Retimed), true }},
	{Name: "files_copied", Int: func(r *Row) (int64, bool) { return int64(r.Record.Copied), true }},
	text("warnings", func(r *Row) string { return strings.Join(r.Warnings(), " | ") }),
	text("hint", func(r *Row) string { return r.Record.Hint }),
}

func text(name string, of func(*Row) string) column { return column{Name: name, Text: of} }

// ofRecording is a text of which "" stands for none.
func ofRecording(name string, of func(*RecordRecording) string) column {
	return column{Name: name, Nullable: true, Text: func(r *Row) string {
		if r.Recording == nil {
			return ""
		}
		return of(r.Recording)
	}}
}

func number(name string, of func(*RecordRecording) *nanos) column {
	return column{Name: name, Nullable: true, Int: func(r *Row) (int64, bool) {
		if r.Recording == nil || of(r.Recording) == nil {
			return 0, false
		}
		return int64(*of(r.Recording)), true
	}}
}

// instant is a number of which 0 stands for none.
func instant(name string, of func(*RecordRecording) nanos) column {
	return number(name, func(r *RecordRecording) *nanos {
		v := of(r)
		return Nanos(v, r.First != 0 || r.Last != 0)
	})
}

// count is a number of what an alignment was made of.
func count(name string, of func(*RecordRecording) int) column {
	return number(name, func(r *RecordRecording) *nanos { return Nanos(nanos(of(r)), r.Alignment != "") })
}

// ofGaps is about the gaps of the stream that lacks most.
func ofGaps(name string, of func(*Gaps) nanos) column {
	return number(name, func(r *RecordRecording) *nanos {
		if r.Gaps == nil {
			return nil
		}
		return Nanos(of(r.Gaps), true)
	})
}

// SummaryKey is that of the metadata by which a summary in Parquet is known: its format version.
const SummaryKey = "pialign.summary_version"

// WriteSummaryParquet writes rows as Parquet.
func WriteSummaryParquet(w io.Writer, rows []Row) error {
	return flatparquet.Write(w, []flatparquet.Pair{{Key: SummaryKey, Value: strconv.Itoa(formatVersion)}}, columns, rows)
}

// WriteSummaryCSV writes rows as CSV by RFC 4180: what is not known is empty, and a text that a spreadsheet program would take for a formula has
// an apostrophe before it.
func WriteSummaryCSV(w io.Writer, rows []Row) error {
	b := bufio.NewWriter(w)
	c := csv.NewWriter(b)
	cells := make([]string, len(columns))
	for i, col := range columns {
		cells[i] = col.Name
	}
	_ = c.Write(cells) // Error tells
	for i := range rows {
		for j, col := range columns {
			cells[j] = cellOf(&col, &rows[i])
		}
		_ = c.Write(cells)
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return err
	}
	return b.Flush()
}

func cellOf(c *column, row *Row) string {
	switch {
	case c.Text != nil:
		s := c.Text(row)
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			return "'" + s
		}
		return s
	case c.Flag != nil:
		return strconv.FormatBool(c.Flag(row))
	case c.Double != nil:
		if v, known := c.Double(row); known {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
	default:
		if v, known := c.Int(row); known {
			return strconv.FormatInt(v, 10)
		}
	}
	return ""
}
