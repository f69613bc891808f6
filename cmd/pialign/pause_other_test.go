//go:build !unix

package main

import (
	"errors"
	"os"
)

func pause(*os.Process, bool) error { return errors.ErrUnsupported }
