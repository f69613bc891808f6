//go:build !linux && !darwin && !windows

package probe

import "time"

// Systems that nobody has asked for get Go's clocks. The monotonic one starts with the process, as the boot id says.
const (
	wallName = "time.Now"
	monoName = "time.Since"
)

var processStart = time.Now()

func readWall() int64 { return time.Now().UnixNano() }
func readMono() int64 { return int64(time.Since(processStart)) + 1 }

func readRaw() (int64, bool) { return 0, false }

func correction() (int64, bool) { return 0, false }

func statedResolution() (wall, mono time.Duration) { return 0, 0 }

func discipline() string { return "unknown" }
func bootID() string     { return processBoot() }
func systemName() string { return platform }
