// Package native re-times the files that the phone itself writes, of Pupil Invisible and of Neon: arrays of stamps
// (.time, .time_aux), stamps inside records (.raw), events, info.json, and the manifest with its checksums.
//
// The walk: Open finds the files and reads every info.json (recording.go); names.go says what a file is by its name,
// layout.go what the records of a .raw are by its .dtype. A run places each recording in time and looks for events that
// a sender has stamped (run.go, events.go), then reads, maps and writes file by file, several at a time (scan.go), by
// two readers: records of one size (records.go) and packets of the IMU (packets.go). The manifest comes last
// (manifest.go). All of it goes into a folder that becomes the result only if all of it succeeds (write.go).
// docs/formats/native.md is the specification.
package native
