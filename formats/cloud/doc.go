// Package cloud re-times folders that Pupil Cloud makes for Pupil Invisible and Neon: the Timeseries download of one
// recording, the download with several recordings around it, and the enrichments whose tables mix recordings. The
// tables of pl-rec-export have the same shape and are read too, in a folder of their own. Exports of Neon Player have
// times in the text of their export_info.csv; package formats refuses them.
//
// The walk: Open finds the files (tree.go), what info.json says (info.go) and what the tables are (kinds.go). A run
// first learns where each recording begins and ends (bounds.go) and which events a sender has stamped (sender.go),
// then reads, maps and writes file by file, several at a time (scan.go, mapper.go, left.go, each.go), into a folder that
// becomes the result only if all of it succeeds (write.go).
// docs/formats/cloud.md is the specification.
package cloud
