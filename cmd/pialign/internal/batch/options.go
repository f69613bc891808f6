package batch

import "github.com/pialign/pialign/formats/retime"

// LineOptions are answers to what is asked of one input alone, by the names and values of the options of `batch run`. They go before those of the run.
type LineOptions struct {
	Ambiguous    string `json:"ambiguous,omitempty"`
	SenderStamps string `json:"sender_stamps,omitempty"`
	Unaligned    string `json:"unaligned,omitempty"`
}

// RetimeOptions returns the options by which a line is worked on in a run with those.
func (l *Line) RetimeOptions(run retime.Options) retime.Options {
	if l.Options == nil {
		return run
	}
	for _, o := range []struct {
		line string
		run  *string
	}{{l.Options.Ambiguous, &run.Ambiguous}, {l.Options.SenderStamps, &run.SenderStamps}, {l.Options.Unaligned, &run.Unaligned}} {
		if o.line != "" {
			*o.run = o.line
		}
	}
	return run
}
