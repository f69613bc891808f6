package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Blame returns what is to blame for err, with which the content of i was refused: of an entry of a zip that is damaged, that. Its checksum stands
// at its end, so the rest is read.
func (i *Input) Blame(err error) error {
	if err == nil || i.disk != nil || i.whole != nil || errors.Is(err, ErrZip) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, bad := io.Copy(io.Discard, i.ReadCloser); errors.Is(bad, ErrZip) {
		return fmt.Errorf("%s: %w", i.file.Path, bad)
	}
	return err
}
