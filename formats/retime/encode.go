package retime

import (
	"bytes"
	"encoding/json"
	"runtime"
	"slices"
	"sync"
)

// noFiles is how a list of no files looks in a manifest. It stands there once: in a text the line feed would be escaped.
var noFiles = []byte("\n  \"files\": []")

// encode is json.Encoder's Encode with two spaces a level, and several goroutines for the files, which are nearly all of it.
func (m *Manifest) encode() ([]byte, error) {
	c := *m
	c.Files = []ManifestFile{}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if m.Files == nil {
		c.Files = nil
	}
	if err := e.Encode(&c); err != nil || len(m.Files) == 0 {
		return b.Bytes(), err
	}
	frame := b.Bytes()
	at := bytes.Index(frame, noFiles)
	at += len(noFiles) - 1
	size := (len(m.Files) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	parts := slices.Collect(slices.Chunk(m.Files, size))
	texts, errs := make([][]byte, len(parts)), make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() { texts[i], errs[i] = encodeFiles(part) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(frame[:at], bytes.Join(texts, []byte(",")), []byte("\n  "), frame[at:]), nil
}

// encodeFiles returns some of the list's elements, each on lines of its own, with commas between them.
func encodeFiles(files []ManifestFile) ([]byte, error) {
	const begin = "\n    "
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(begin[1:], "  ")
	for i := range files {
		if i > 0 {
			b.Truncate(b.Len() - 1) // the line feed that Encode ends with
			b.WriteByte(',')
		}
		b.WriteString(begin)
		if err := e.Encode(&files[i]); err != nil {
			return nil, err
		}
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
