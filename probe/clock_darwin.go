package probe

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

const (
	wallName = "clock_gettime(CLOCK_REALTIME)"
	monoName = "clock_gettime(CLOCK_UPTIME_RAW)" // mach_absolute_time in ns
)

func readWall() int64 { return clockGettime(unix.CLOCK_REALTIME) }
func readMono() int64 { return clockGettime(unix.CLOCK_UPTIME_RAW) }

func clockGettime(id int32) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		panic(fmt.Sprintf("clock_gettime(%d): %v", id, err)) // only an unknown id or a bad pointer can do that
	}
	return t.Nano()
}

func readRaw() (int64, bool) { return 0, false } // CLOCK_UPTIME_RAW is not slewed to begin with

func correction() (int64, bool) { return 0, false }

func statedResolution() (wall, mono time.Duration) { return 0, 0 } // measured alone

func discipline() string { return "unknown" }

func bootID() string {
	s, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil || s == "" {
		return processBoot()
	}
	return s
}

func systemName() string {
	s, err := unix.Sysctl("kern.osrelease")
	if err != nil {
		return platform
	}
	return platform + " " + s
}
