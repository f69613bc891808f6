// Package table re-times single tables of which the user says which columns hold times: whatever a program of somebody's
// wrote beside a recording, in CSV or TSV. Nothing in it is guessed, and every other byte stays.
//
// docs/formats/table.md is the specification.
package table
