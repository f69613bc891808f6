package retime

// Format is how the tables of the result are written.
type Format string

// The formats. An empty Format is CSV.
const (
	CSV     Format = "csv"
	Parquet Format = "parquet"
	Feather Format = "feather"
)

// Columnar reports whether tables become files of another kind, with types.
func (f Format) Columnar() bool { return f == Parquet || f == Feather }
