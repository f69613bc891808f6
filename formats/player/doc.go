// Package player re-times what desktop programs make of recordings: folders that were opened in Pupil Player, exports of
// Pupil Player, whose times are seconds since the recording's start, and exports of Neon Player, which are in UTC ns.
//
// The walk: Open finds the recordings (scope.go) and refuses what is on another clock. A run takes file by file (run.go):
// tables (table.go), export_info.csv (exportinfo.go), NumPy arrays (npy.go), .pldata (pldata.go, msgpack.go), .time
// (times.go) and the two info files (info.go). seconds.go has the arithmetic that they share.
// docs/formats/player.md is the specification.
package player
