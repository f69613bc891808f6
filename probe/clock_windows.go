package probe

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Go's own clock on Windows reads the system tick, 0.5 to 15.6 ms coarse. These calls are precise.
const (
	wallName = "GetSystemTimePreciseAsFileTime"
	monoName = "QueryPerformanceCounter"
)

var (
	kernel32         = windows.NewLazySystemDLL("kernel32.dll")
	queryCounter     = kernel32.NewProc("QueryPerformanceCounter")
	queryFrequency   = kernel32.NewProc("QueryPerformanceFrequency")
	counterFrequency = performanceFrequency() // fixed at the start of the system
)

func performanceFrequency() uint64 {
	var f uint64
	if ok, _, err := queryFrequency.Call(uintptr(unsafe.Pointer(&f))); ok == 0 || f == 0 {
		panic(fmt.Sprintf("QueryPerformanceFrequency: %v", err)) // cannot fail on Windows XP or later
	}
	return f
}

func readWall() int64 {
	var t windows.Filetime
	windows.GetSystemTimePreciseAsFileTime(&t)
	return t.Nanoseconds() // since 1970, in steps of 100
}

func readMono() int64 {
	var n uint64
	if ok, _, err := queryCounter.Call(uintptr(unsafe.Pointer(&n))); ok == 0 {
		panic(fmt.Sprintf("QueryPerformanceCounter: %v", err)) // cannot fail on Windows XP or later
	}
	return scaleCounter(n, counterFrequency)
}

func readRaw() (int64, bool) { return 0, false } // the counter is not slewed to begin with

func correction() (int64, bool) { return 0, false }

func statedResolution() (wall, mono time.Duration) {
	const fileTime = 100 * time.Nanosecond
	return fileTime, time.Duration((uint64(time.Second) + counterFrequency - 1) / counterFrequency)
}

func discipline() string { return "unknown" }

// bootID returns the instant of the start of the system. Windows moves its record of that instant when somebody sets the
// clock, and keeps by how much: the difference stays the same until the next start.
func bootID() string {
	var info struct { // SYSTEM_TIMEOFDAY_INFORMATION
		bootTime, currentTime, timeZoneBias int64
		timeZoneID, reserved                uint32
		bootTimeBias, sleepTimeBias         int64
	}
	err := windows.NtQuerySystemInformation(windows.SystemTimeOfDayInformation, unsafe.Pointer(&info), uint32(unsafe.Sizeof(info)), nil)
	if err != nil || info.bootTime == 0 {
		return processBoot()
	}
	return fmt.Sprintf("windows-%d", info.bootTime-info.bootTimeBias)
}

func systemName() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("%s %d.%d.%d", platform, v.MajorVersion, v.MinorVersion, v.BuildNumber)
}
