package main

import (
	"slices"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// forRecord is how a line is worked on: --max-error judges a run, and is no part of what is kept of it.
func (run *batchRun) forRecord(l *batchLine) applyOptions {
	o := run.applyOptions
	o.maxError, o.retime = 0, l.retime
	return o
}

// fill enters into the record of a line what was made of it.
func (run *batchRun) fill(l *batchLine) {
	r := &l.record
	r.Kind, r.Retimed, r.Copied = l.result.Kind, l.result.Retimed, l.result.Copied
	r.Warnings = replaced(l, l.said)
	r.Recordings = nil
	for i, rec := range l.result.Recordings {
		r.Recordings = append(r.Recordings, run.recording(l, rec, l.result.uses[i]))
	}
}

// recording is what is kept of one recording.
func (run *batchRun) recording(l *batchLine, rec applyRecording, u *use) batch.RecordRecording {
	r := batch.RecordRecording{Name: rec.Name, RecordingID: rec.RecordingID, DeviceID: rec.DeviceID, Unaligned: l.texts.Replace(rec.Unaligned),
		Gaps: rec.Gaps, Warnings: replaced(l, rec.Warnings)}
	if rec.First != 0 || rec.Last != 0 {
		r.SetSpan(align.DeviceTime(rec.First), align.DeviceTime(rec.Last))
	}
	if rec.Unaligned != "" || u == nil || u.err != nil || u.clock.err != nil {
		return r
	}
	c := u.clock
	r.Source, r.Alignment, r.Clock, r.Confirmed = l.texts.Replace(c.name), c.digest, run.retime.Clock, rec.Confirmed
	first, last := align.DeviceTime(rec.First), align.DeviceTime(rec.Last)
	timed := first != 0 || last != 0
	if timed {
		offset, drift, ok := c.offset(first.Add(last.Sub(first) / 2))
		r.Offset, r.DriftE18 = batch.Nanos(offset, ok), batch.Nanos(time.Duration(drift), ok && c.file.Alignment.Diagnosis.DriftKnown())
		guessed := u.guessed.worst()
		wide := func(d time.Duration, ok bool) *batch.Number { return batch.Nanos(d+guessed, ok) }
		likely, stat, bound := wide(c.worst(first, last)), wide(c.stat(first, last)), wide(c.bound(first, last))
		if rec.Confirmed {
			r.HalfWidth, r.StatHalfWidth, r.BoundHalfWidth = likely, stat, bound
		} else {
			r.IfRight, r.StatIfRight, r.BoundIfRight = likely, stat, bound
		}
	}
	a := c.file.Alignment
	d := a.Diagnosis
	r.Samples, r.Used, r.Bursts, r.HostSteps, r.PhoneSteps = d.Samples, d.Used, len(d.Bursts), len(a.HostSteps), c.phoneSteps
	r.RTTMin, r.RTTMedian, r.RTTP95 = tripsOf(d.Bursts)
	for _, w := range d.Warnings {
		r.Warnings = append(r.Warnings, w.Text)
	}
	return r
}

// tripsOf sums up those of the exchanges used: the shortest, and the means of the bursts' medians and 95 % quantiles, each
// counted as often as its burst has exchanges.
func tripsOf(bursts []align.BurstReport) (least, median, p95 *batch.Number) {
	n, short := 0, time.Duration(0)
	var medians, p95s time.Duration // an hour times a million exchanges is within 64 bits
	for _, b := range bursts {
		if b.Kept == 0 {
			continue
		}
		if n == 0 || b.RTTMin < short {
			short = b.RTTMin
		}
		n += b.Kept
		medians += b.RTTMedian * time.Duration(b.Kept)
		p95s += b.RTTP95 * time.Duration(b.Kept)
	}
	d := time.Duration(max(n, 1))
	return batch.Nanos(short, n > 0), batch.Nanos(medians/d, n > 0), batch.Nanos(p95s/d, n > 0)
}

// replaced returns texts with the paths that the plan has.
func replaced(l *batchLine, texts []string) []string {
	texts = slices.Clone(texts)
	for i := range texts {
		texts[i] = l.texts.Replace(texts[i])
	}
	return texts
}
