package probelog

import "fmt"

// Writer is a log in the making. It may be used by several goroutines.
type Writer struct {
	h Header
	j *journal[Row]
}

// Create starts a log in the folder dir, which is made if need be. The file is named FileName(h), with a later ms
// where that is taken.
func Create(dir string, h Header) (*Writer, error) {
	j, err := newJournal(dir, h, kindProbe, rowColumns, FileName)
	if err != nil {
		return nil, err
	}
	return &Writer{h.clean(), j}, nil
}

// Append adds an exchange. When it returns, the end of this program loses it no more; within a second it is on
// disk. Texts from the phone that are not UTF-8 or above 4096 bytes are made so.
func (w *Writer) Append(r Row) error {
	r.Host, r.Boot = clip(r.Host), clip(r.Boot)
	row, err := r.prepare(w.h)
	if err != nil {
		return fmt.Errorf("%s: %w", w.j.path, err)
	}
	return w.j.append(&row)
}

// Close makes the Parquet file, removes the journal, and returns the file's path. On an error the journal stays,
// and Read takes it.
func (w *Writer) Close() (path string, err error) {
	return w.j.close(func(journal, final string) error {
		log, err := Read(journal)
		if err == nil && len(log.Warnings) > 0 {
			err = damaged("%s", log.Warnings[0])
		}
		if err != nil {
			return err
		}
		return Write(final, log.Header, log.Rows)
	})
}

// Path returns the path that the Parquet file will have.
func (w *Writer) Path() string { return w.j.final }
