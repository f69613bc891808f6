package view

import (
	"os"

	"golang.org/x/sys/windows"
)

// prepare makes the console understand sequences, which Windows 10 and later can.
func prepare(f *os.File) (restore func(), ok bool) {
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return nil, false
	}
	if windows.SetConsoleMode(console, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) != nil {
		return nil, false
	}
	return func() { _ = windows.SetConsoleMode(console, mode) }, true // the program may have gone on without its console
}
