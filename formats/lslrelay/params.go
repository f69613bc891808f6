package lslrelay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
)

// ErrParams: not a time_alignment_parameters.json, or one of numbers that no clock has.
var ErrParams = errors.New("not a time_alignment_parameters.json of lsl-relay")

// Params is the line from the phone's clock to LSL's, exact.
type Params struct {
	Intercept *big.Rat // s of LSL's clock at 1970
	Slope     *big.Rat // s of LSL's clock in a second of the phone's
}

// maxParams is far above a real file of 300 bytes.
const maxParams = 1 << 20

// Read reads the file at path.
func Read(path string) (*Params, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxParams+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	p, err := Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Parse reads the bytes of such a file. Of its two lines it takes the one from the phone to LSL: the other is a second fit, and not
// its inverse.
func Parse(b []byte) (*Params, error) {
	if len(b) > maxParams {
		return nil, fmt.Errorf("%w: above %d bytes", ErrParams, maxParams)
	}
	var doc struct {
		Line *struct {
			Intercept json.Number `json:"intercept"`
			Slope     json.Number `json:"slope"`
		} `json:"cloud_to_lsl"`
		Info struct {
			Model   string      `json:"model_type"`
			Version json.Number `json:"version"`
		} `json:"info"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParams, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something stands behind its object (two files in one, or damaged)", ErrParams)
	}
	switch {
	case doc.Line == nil:
		return nil, fmt.Errorf("%w: it has no \"cloud_to_lsl\"", ErrParams)
	case doc.Info.Model != "LinearRegression" || doc.Info.Version != "1":
		return nil, fmt.Errorf("%w: model %q, version %q; expected LinearRegression, 1", ErrParams, doc.Info.Model, doc.Info.Version)
	}
	p := &Params{}
	for _, n := range []struct {
		name string
		text json.Number
		to   **big.Rat
	}{{"intercept", doc.Line.Intercept, &p.Intercept}, {"slope", doc.Line.Slope, &p.Slope}} {
		v, err := rational(string(n.text))
		if err != nil {
			return nil, fmt.Errorf("%w: %s %w", ErrParams, n.name, err)
		}
		*n.to = v
	}
	return p, nil
}

// rational reads a number of JSON exactly.
func rational(text string) (*big.Rat, error) {
	const most = 64 // a double prints 24 at the most; an exponent could make a number of any length
	if len(text) > most {
		return nil, fmt.Errorf("%.40s... is longer than %d characters", text, most)
	}
	if _, err := json.Number(text).Float64(); err != nil {
		return nil, fmt.Errorf("%q is no number", text)
	}
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, fmt.Errorf("%q is no number", text)
	}
	return v, nil
}
