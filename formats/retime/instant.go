package retime

import (
	"regexp"
	"strconv"

	"github.com/pialign/pialign/align"
)

// digits are 19 in a row, as in all times between 2001 and 2286.
var digits = regexp.MustCompile(`(^|[^0-9A-Za-z_.])([0-9]{19})(\.0*)?($|[^0-9A-Za-z_.])`)

// FindInstant looks in text for a time in ns that is wanted.
func FindInstant(text []byte, wanted func(align.DeviceTime) bool) (align.DeviceTime, bool) {
	if len(text) < 19 {
		return 0, false
	}
	for _, m := range digits.FindAllSubmatch(text, -1) {
		if v, err := strconv.ParseInt(string(m[2]), 10, 64); err == nil && wanted(align.DeviceTime(v)) {
			return align.DeviceTime(v), true
		}
	}
	return 0, false
}
