//go:build race

package main

// raceDetector: simulations take ten times as long.
const raceDetector = true
