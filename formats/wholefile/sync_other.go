//go:build !linux

package wholefile

// system is for systems that can flush a whole file system and tell of what could not be written.
type system struct{}

func holdSystem(string) system { return system{} }

func (system) close() {}

func (system) sync() (done bool, err error) { return false, nil }
