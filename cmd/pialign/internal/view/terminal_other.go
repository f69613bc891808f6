//go:build !windows

package view

import "os"

// prepare does nothing: terminals elsewhere understand sequences if TERM says so.
func prepare(*os.File) (restore func(), ok bool) { return func() {}, true }
