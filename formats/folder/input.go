package folder

import (
	"fmt"
	"io"
	"os"

	"github.com/pialign/pialign/formats/retime"
)

// Input is a file that must stay as it was when the folder was opened.
type Input struct {
	*os.File
	file File
}

// Open opens f for reading, unless it is another by now: retime.ErrChanged.
func Open(f File) (*Input, error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	i := &Input{in, f}
	if err := i.Unchanged(); err != nil {
		in.Close()
		return nil, err
	}
	return i, nil
}

// Unchanged reports a file that has changed since, by its size and time, with retime.ErrChanged.
func (i *Input) Unchanged() error {
	info, err := i.Stat()
	if err != nil {
		return err
	}
	if info.Size() != i.file.Size || info.ModTime().UnixNano() != i.file.time {
		return Changed(i.file)
	}
	return nil
}

// Changed is the error about a file that is not what it was.
func Changed(f File) error {
	return fmt.Errorf("%s: %w; try again when nothing writes to it", f.Path, retime.ErrChanged)
}

// ReadSmall reads a file of at most limit bytes.
func ReadSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", path, err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("%s: larger than %d bytes", path, limit)
	}
	return b, nil
}
