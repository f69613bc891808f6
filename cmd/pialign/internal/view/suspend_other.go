//go:build !unix

package view

// WatchStops does nothing: there is no Ctrl-Z.
func (s *Screen) WatchStops() (stop func()) { return func() {} }
