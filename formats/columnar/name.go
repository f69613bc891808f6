package columnar

import (
	"path"
	"strings"

	"github.com/pialign/pialign/formats/retime"
)

// Name returns what the table of that name is called in a format: gaze.csv becomes gaze.parquet. As CSV it keeps its name.
func Name(table string, format retime.Format) string {
	if !format.Columnar() {
		return table
	}
	end := path.Ext(table)
	switch strings.ToLower(end) {
	case ".csv", ".tsv", ".txt":
		if len(path.Base(table)) > len(end) {
			table = strings.TrimSuffix(table, end)
		}
	}
	return table + "." + string(format)
}
