//go:build unix

package view

import (
	"os"
	"os/signal"
	"syscall"
)

// WatchStops gives the terminal back before Ctrl-Z stops the program, until stop is called. The next Draw takes it again.
func (s *Screen) WatchStops() (stop func()) {
	stops := make(chan os.Signal, 1)
	signal.Notify(stops, syscall.SIGTSTP)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range stops {
			s.mu.Lock() // nothing is drawn until the program goes on
			s.leave()
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP) // what Ctrl-Z would have done
			s.mu.Unlock()
		}
	}()
	return func() {
		signal.Stop(stops)
		close(stops)
		<-done
	}
}
