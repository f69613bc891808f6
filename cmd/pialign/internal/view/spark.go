package view

import (
	"math"
	"strings"
	"time"
)

var (
	blocks      = []rune("▁▂▃▄▅▆▇█")
	asciiBlocks = []rune(".:-=+*%@")
)

// spark draws the latest round trips in n columns, the newest at the right. The lowest step is the fastest round trip of
// all, and two steps are twice as long: what matters is how many times slower than possible an answer came. A lost
// exchange is an x.
func (st Style) spark(recent []time.Duration, best time.Duration, n int) string {
	steps := blocks
	if st.ASCII {
		steps = asciiBlocks
	}
	recent = recent[max(0, len(recent)-n):]
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", n-len(recent)))
	for _, r := range recent {
		if r < 0 {
			b.WriteByte('x')
			continue
		}
		step := 0
		if best > 0 && r > best {
			step = min(int(math.Round(2*math.Log2(float64(r)/float64(best)))), len(steps)-1)
		}
		b.WriteRune(steps[step])
	}
	return b.String()
}
