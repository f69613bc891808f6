// Package cloud re-times folders that Pupil Cloud makes for Pupil Invisible and Neon: the Timeseries download of one
// recording, the download with several recordings around it, and the enrichments whose tables mix recordings. The
// tables of Neon Player and pl-rec-export have the same shape and are read too.
//
// The walk: Open finds the files (tree.go) and what info.json says (info.go). A run first learns where each recording
// begins and ends (bounds.go) and which events a sender has stamped (sender.go), then reads and maps every cell
// (scan.go, mapper.go), and only then writes (write.go).
// docs/formats/cloud.md is the specification.
package cloud
