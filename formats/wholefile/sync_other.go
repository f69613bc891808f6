//go:build !linux

package wholefile

// syncSystem is for systems that can do so and tell of what could not be written.
func syncSystem(string) (done bool, err error) { return false, nil }
