package folder

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Name returns the base name of the folder root, also where that is ".", and of a zip without its ending.
func Name(root string) string {
	if abs, err := filepath.Abs(root); err == nil {
		root = abs
	}
	name := filepath.Base(root)
	if end := filepath.Ext(name); strings.EqualFold(end, ".zip") && len(name) > len(end) && IsZip(root) {
		return strings.TrimSuffix(name, end)
	}
	return name
}

// Outside refuses a result dst inside its own input root, also by way of links.
func Outside(root, dst string) error {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return err
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	out, err := filepath.Abs(dst)
	if err != nil {
		return err
	}
	for dir := out; ; dir = filepath.Dir(dir) { // the nearest folder that exists may be a link
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			out = filepath.Join(real, strings.TrimPrefix(out, dir))
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if rel, err := filepath.Rel(real, out); err == nil && (rel == "." || filepath.IsLocal(rel)) {
		return fmt.Errorf("%s lies inside the recording %s: inputs are never written to; choose another folder", dst, root)
	}
	return nil
}
