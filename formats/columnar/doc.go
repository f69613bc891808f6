// Package columnar writes re-timed tables as Parquet or as Feather (version 2, an Arrow IPC file) instead of CSV.
//
// New is a writer that takes the text of a re-timed table as retime.Table writes it, so that every time and every cell is the one that
// the CSV would have. Each column has one type in the whole file, and no value changes on the way: see Infer, and docs/formats/columnar.md.
//
// Equal text gives equal bytes, however many work on it.
package columnar
