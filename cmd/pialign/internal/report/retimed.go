package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// methods is what to add to the paragraph of the alignments, which is about the time between the exchanges.
func (r *Retimed) methods() string {
	var worst, bound *RetimedRecording
	known, bounded, beyond := 0, 0, 0
	for i := range r.Recordings {
		rec := &r.Recordings[i]
		if rec.HalfWidth == nil {
			continue
		}
		known++
		if worst == nil || *rec.HalfWidth > *worst.HalfWidth {
			worst = rec
		}
		if rec.Bound != nil {
			bounded++
			if bound == nil || *rec.Bound > *bound.Bound {
				bound = rec
			}
		}
		if rec.Beyond != nil {
			beyond++
		}
	}
	if worst == nil {
		return ""
	}
	text := fmt.Sprintf("Over the times of recording %s", worst.Name)
	if known > 1 {
		text = fmt.Sprintf("Over the times of %d recordings", known)
	}
	text += fmt.Sprintf(" the 95 %% interval is at most ± %s", human.MS(time.Duration(*worst.HalfWidth)))
	if bounded == known {
		text += fmt.Sprintf(", the hard bound ± %s", human.MS(time.Duration(*bound.Bound)))
	} else {
		text += "; no hard bound holds everywhere"
	}
	switch {
	case beyond == 1 && known == 1:
		text += fmt.Sprintf("; it reaches %s beyond the exchanges, where the clocks were not watched", human.Span(time.Duration(*worst.Beyond)))
	case beyond > 0:
		text += fmt.Sprintf("; %d of them reach beyond the exchanges, where the clocks were not watched", beyond)
	}
	if rest := len(r.Recordings) - known; rest > 0 {
		text += fmt.Sprintf(". Of %s no width is stated", human.Counted(rest, "other recording"))
	}
	return text + "."
}

// SetSpan enters the first and the last of all its times.
func (r *RetimedRecording) SetSpan(first, last align.DeviceTime) {
	r.First, r.Last, r.Length = number(time.Duration(first)), number(time.Duration(last)), number(last.Sub(first))
}

// Unknown reports whether the alignment of some recording is not on the page.
func (r *Retimed) Unknown() bool {
	return slices.ContainsFunc(r.Recordings, func(rec RetimedRecording) bool { return !rec.Known })
}
