// Package alignfile keeps an alignment as JSON: the map from a phone's clock to the host's, how wrong it can be,
// and what it was made of. Read and Write are for files, Unmarshal and Marshal for bytes.
//
// docs/formats/alignment.md describes the file, docs/formats/alignment.schema.json checks one. Instants, spans of
// ns and drifts are strings of digits: many readers lose integers above 2^53. The same alignment gives the same
// bytes.
package alignfile
