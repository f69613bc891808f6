package main

import (
	"os"
	"os/signal"
	"syscall"
)

// endings are the signals on which a verb ends cleanly and keeps what it has: Ctrl-C, SIGTERM, as which a console that is closed comes
// on Windows, and the hangup of a terminal, unless the program was started to outlive that, as by nohup. The first of them may be
// given up by who asked for them, so that the second ends the program at once; not so the hangup, of which system and shell
// both tell.
func endings() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if hangup != nil && !signal.Ignored(hangup) {
		signal.Notify(make(chan os.Signal, 1), hangup)
		list = append(list, hangup)
	}
	return list
}
