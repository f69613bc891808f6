package batch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// VerdictChanged: its result is not as it was written.
const VerdictChanged Verdict = "changed"

// Check reports whether a result is as its record says, by the digest of its pialign.json and the names and sizes of its files: VerdictOK,
// VerdictMissing or VerdictChanged, and why. It reads no file of the result but that one; `pialign verify` does. Its error is that of ctx.
func (r *Record) Check(ctx context.Context, out string) (Verdict, string, error) {
	path := filepath.Join(out, filepath.FromSlash(r.Output))
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return VerdictMissing, "its result is gone: run it again", nil
	}
	manifest, files, err := Result(ctx, path)
	switch {
	case ctx.Err() != nil:
		return "", "", ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		return VerdictChanged, "its result is not what was written there: pialign.json is missing", nil
	case err != nil:
		return VerdictChanged, "its result is not what was written there: " + withoutPath(err), nil
	case manifest != r.Manifest:
		return VerdictChanged, "its result is not what was written there: pialign.json differs from the record", nil
	case files != r.Result:
		return VerdictChanged, "its result was changed after it was written: a file in it has another size, is missing or was added; pialign verify names it, batch run --redo makes it again", nil
	}
	return VerdictOK, "", nil
}

// withoutPath is an error's text without where the folder of the results lies: equal results give equal tables.
func withoutPath(err error) string {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return fmt.Sprintf("%s: %v", filepath.Base(p.Path), p.Err)
	}
	return "it cannot be read"
}

// InRecord is where a Headline's other lines are.
const InRecord = "its record has more"

// Headline is a text that may have several lines in one: its first, and where there is more.
func Headline(text, more string) string {
	first, _, cut := strings.Cut(strings.TrimSpace(text), "\n")
	first = strings.TrimSpace(first)
	if cut {
		return strings.TrimSuffix(first, ":") + " (" + more + ")"
	}
	return first
}

// RowsFound returns rows of a record as Check has found its result.
func RowsFound(rows []Row, v Verdict, why string) []Row {
	if v != VerdictOK && rows[0].Record.Outcome == Done {
		for i := range rows {
			rows[i].Verdict, rows[i].Why = v, why
		}
	}
	return rows
}
