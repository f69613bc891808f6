//go:build race

package columnar_test

// raceDetector: pools forget what they hold, at random, so that memory cannot be counted.
const raceDetector = true
