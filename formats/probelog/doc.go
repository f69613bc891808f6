// Package probelog keeps what a probe measured: one row for every exchange with a phone, failed ones too.
//
// Create starts a log, Writer.Append adds an exchange, Writer.Close makes the Parquet file. Until then the rows
// are in a journal, a text file that is on disk within a second, so that neither a crash nor kill -9 loses more.
// Read takes either. ReadSession takes the folder of a session, and Session.Devices what Fit wants of it.
// A ClockLog is a log of the host's own clocks, which long measurements keep beside the exchanges.
//
// docs/formats/probe-log.md describes both files. A stamp that was not taken is a null there and a zero here.
//
// Parquet is written and read with the packages parquet/file and parquet/schema alone: pqarrow would link all of
// grpc into the command. Those panic on damaged files and believe any size that a file states, hence the checks
// before them (footer.go, pages.go) and the recover around them (readparquet.go).
package probelog
