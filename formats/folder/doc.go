// Package folder reads a recording's folder and writes one like it: the list of its files as they were when it was
// opened, files that must not change while they are read, and work on many of them at a time.
//
// The folder may be a zip. Nothing is unpacked onto the disk: archive.go opens it, directory.go, list.go and enter.go
// refuse what is damaged or would do harm, content.go unpacks and checks one entry, rezip.go makes the result's zip and
// deflate.go packs it. docs/formats/zip.md is the specification.
//
// It knows no format. That a result appears whole or not at all is wholefile's.
package folder
