//go:build !linux && !darwin

package batch

import "os"

// hold has nothing to do on Windows: a file that is open cannot be removed there.
func hold(*os.File) bool { return true }

// takeAway removes the lock at path, which is not possible while a process has it.
func takeAway(path string) (done bool, err error) {
	err = os.Remove(path)
	return err == nil, err
}
