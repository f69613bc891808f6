package folder

import (
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/pialign/pialign/formats/retime"
)

// WalkZipResult lists the files of a re-timed zip, without the pialign.json at its root, and returns that with its bytes.
// Where there is none the error is fs.ErrNotExist.
func WalkZipResult(root string) (t *Tree, manifest []byte, m *retime.Manifest, err error) {
	var f File
	if t, err = openZip(root, &f); err != nil {
		return nil, nil, nil, err
	}
	if f.entry == nil {
		return nil, nil, nil, &fs.PathError{Op: "open", Path: filepath.Join(root, retime.ManifestName), Err: fs.ErrNotExist}
	}
	if manifest, err = Small(f, retime.MaxManifest); err != nil {
		return t, nil, nil, err
	}
	if m, err = retime.ParseManifest(manifest); err != nil {
		return t, manifest, nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return t, manifest, m, nil
}

// ReadManifest reads the pialign.json of a re-timed folder or zip.
func ReadManifest(root string) (*retime.Manifest, error) {
	if IsZip(root) {
		_, _, m, err := WalkZipResult(root)
		return m, err
	}
	return retime.ReadManifest(filepath.Join(root, retime.ManifestName))
}
