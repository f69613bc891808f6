package retime

import (
	"cmp"
	"math"
	"path"
	"slices"
	"time"
)

// Gaze, eye states, the IMU and the cameras are sampled, and known by the names of their files, however much they lack. Of other names a stream is
// sampled when it has this many times or more, at most so long apart on the mean outside of its gaps, and no more gaps than other intervals: fixations,
// blinks and events are not, and pause by their nature.
const (
	sampledTimes    = 100
	sampledInterval = 75 * time.Millisecond
)

// gapLength is how far apart two times of a sampled stream are that have a gap between them: three frames of the scene camera, twenty of gaze.
const gapLength = 100 * time.Millisecond

// mostGaps is how many gaps of a stream are told, the longest.
const mostGaps = 20

// Pause is one between two times of a stream, on the clock of the result.
type Pause struct {
	From   int64 // the time before it
	Length time.Duration
}

// Pauses are those of a stream that are longer than a gap must be. A step of the phone's clock is none, since they are looked for in the new times.
type Pauses struct {
	First, Last int64 // of the new times, in their order
	Count       int
	Total       time.Duration
	Longest     []Pause
	Unwatched   bool // they were not looked for: the column is no stream in order of time
	begun       bool
	unknown     bool // a time was left empty since Last
}

// to goes on to the next time, host.
func (p *Pauses) to(host int64) {
	switch {
	case !p.begun:
		p.begun, p.First = true, host
	case host > p.Last && uint64(host-p.Last) > uint64(gapLength) && !p.unknown:
		p.add(p.Last, host)
	}
	p.Last, p.unknown = host, false
}

// add notes the pause from one time to a later one.
func (p *Pauses) add(from, to int64) {
	length := time.Duration(math.MaxInt64)
	if d := uint64(to - from); d < math.MaxInt64 {
		length = time.Duration(d)
	}
	p.Count++
	if p.Total += length; p.Total < 0 {
		p.Total = math.MaxInt64
	}
	if len(p.Longest) < mostGaps {
		p.Longest = append(p.Longest, Pause{from, length})
		return
	}
	least := 0
	for i, other := range p.Longest {
		if other.Length < p.Longest[least].Length {
			least = i
		}
	}
	if length > p.Longest[least].Length {
		p.Longest = append(slices.Delete(p.Longest, least, least+1), Pause{from, length})
	}
}

// follow adds the pauses of the part that comes next, and the one before it.
func (p *Pauses) follow(next Pauses) {
	p.to(next.First)
	count, total := p.Count+next.Count, next.Total
	for _, q := range next.Longest {
		p.add(q.From, q.From+int64(q.Length))
		total -= q.Length
	}
	p.Count = count
	if p.Total += max(total, 0); p.Total < 0 {
		p.Total = math.MaxInt64
	}
	p.Last = next.Last
}

// ManifestStream is a sampled stream of one recording, and its gaps. Instants are on the clock of the result.
type ManifestStream struct {
	File    string        `json:"file"`            // the first, where there are several
	Parts   int           `json:"parts,omitempty"` // files it is in, where there are several
	Column  string        `json:"column"`
	Samples int           `json:"samples"`
	First   int64         `json:"first_host_ns,string"`
	Last    int64         `json:"last_host_ns,string"`
	Gaps    int           `json:"gaps"`
	Total   time.Duration `json:"gap_total_ns,string"`
	Longest []ManifestGap `json:"longest_gaps,omitempty"` // in order of time
}

// ManifestGap is a gap from the last sample before it to the first one after it.
type ManifestGap struct {
	From   int64         `json:"from_host_ns,string"`
	Length time.Duration `json:"length_ns,string"`
}

// Worst is the longest gap, 0 where there is none.
func (s ManifestStream) Worst() (longest time.Duration) {
	for _, g := range s.Longest {
		longest = max(longest, g.Length)
	}
	return longest
}

// Gappiest returns the stream that lacks most, of several the densest; false where there is none.
func Gappiest(streams []ManifestStream) (worst ManifestStream, ok bool) {
	for i, s := range ByDensity(streams, func(s ManifestStream) string { return path.Base(s.File) }, func(s ManifestStream) int64 { return int64(s.Samples) }) {
		if i == 0 || s.Total > worst.Total {
			worst = s
		}
	}
	return worst, len(streams) > 0
}

// Streams returns the sampled streams of the recording by their names, parts that are numbered as one.
func (r *RecordingReport) Streams() (out []ManifestStream) {
	if r.Unaligned != "" {
		return nil
	}
	type stream struct{ file, column string }
	type part struct {
		file string
		span Span
	}
	var order []stream
	parts := map[stream][]part{}
	for _, f := range r.Files {
		for _, span := range f.Spans {
			if span.Cells == 0 || span.Cells == 1 && partOf(f.Name) == 0 || span.Pauses.Unwatched {
				continue
			}
			s := stream{numbered.ReplaceAllString(f.Name, " ps."), span.Column}
			if parts[s] == nil {
				order = append(order, s)
			}
			parts[s] = append(parts[s], part{f.Name, span})
		}
	}
	for _, s := range order {
		all := parts[s]
		slices.SortStableFunc(all, func(a, b part) int { return cmp.Compare(partOf(a.file), partOf(b.file)) })
		m := ManifestStream{File: all[0].file, Column: s.column}
		if len(all) > 1 {
			m.Parts = len(all)
		}
		var p Pauses
		for _, part := range all {
			m.Samples += part.span.Cells
			p.follow(part.span.Pauses)
		}
		if base := path.Base(s.file); isSparse(base) || !isDense(base) && !p.sampled(m.Samples) {
			continue
		}
		m.First, m.Last, m.Gaps, m.Total = p.First, p.Last, p.Count, p.Total
		for _, g := range p.Longest {
			m.Longest = append(m.Longest, ManifestGap(g))
		}
		slices.SortFunc(m.Longest, func(a, b ManifestGap) int { return cmp.Compare(a.From, b.From) })
		out = append(out, m)
	}
	return out
}

// sampled reports whether so many times are those of a sampled stream.
func (p *Pauses) sampled(times int) bool {
	intervals := int64(times - 1 - p.Count)
	return times >= sampledTimes && intervals >= max(1, int64(p.Count)) && p.Last > p.First && (p.Last-p.First-int64(p.Total))/intervals <= int64(sampledInterval)
}
