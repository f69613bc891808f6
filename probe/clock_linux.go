package probe

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	wallName = "clock_gettime(CLOCK_REALTIME)"
	monoName = "clock_gettime(CLOCK_MONOTONIC)"
)

func readWall() int64 { return clockGettime(unix.CLOCK_REALTIME) }
func readMono() int64 { return clockGettime(unix.CLOCK_MONOTONIC) }

func clockGettime(id int32) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		panic(fmt.Sprintf("clock_gettime(%d): %v", id, err)) // only an unknown id or a bad pointer can do that
	}
	return t.Nano()
}

func readRaw() (int64, bool) {
	var t unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &t)
	return t.Nano(), err == nil
}

func statedResolution() (wall, mono time.Duration) {
	var t unix.Timespec
	if unix.ClockGetres(unix.CLOCK_REALTIME, &t) == nil {
		wall = time.Duration(t.Nano())
	}
	if unix.ClockGetres(unix.CLOCK_MONOTONIC, &t) == nil {
		mono = time.Duration(t.Nano())
	}
	return wall, mono
}

// discipline returns what the kernel says about the wall clock, in the words of adjtimex(2). Asking needs no rights.
func discipline() string {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return "unknown"
	}
	words := []string{clockState(state)}
	for _, s := range statusWords {
		if t.Status&s.bit != 0 {
			words = append(words, s.word)
		}
	}
	// The kernel counts frequency in 2^-16 ppm, errors in us.
	return fmt.Sprintf("%s, frequency %+.3f ppm, max error %d us, estimated error %d us",
		strings.Join(words, " "), float64(t.Freq)/65536, t.Maxerror, t.Esterror)
}

// correction returns by how much the kernel runs the monotonic clock faster than the raw one, in 1e-18: frequency counts in 2^-16 ppm,
// and a tick of 10 ms that lasts a us longer, which chrony uses for the coarse part, is 100 ppm. What adjtime(3) or the kernel's
// own loop slews on top is not in it.
func correction() (int64, bool) {
	var t unix.Timex
	if _, err := unix.Adjtimex(&t); err != nil {
		return 0, false
	}
	const ppm = 1_000_000_000_000 // and 1e12/2^16 is 244140625/2^4
	return int64(t.Freq)*244140625/16 + (int64(t.Tick)-10_000)*100*ppm, true
}

func clockState(state int) string {
	names := map[int]string{unix.TIME_OK: "TIME_OK", unix.TIME_INS: "TIME_INS", unix.TIME_DEL: "TIME_DEL",
		unix.TIME_OOP: "TIME_OOP", unix.TIME_WAIT: "TIME_WAIT", unix.TIME_ERROR: "TIME_ERROR"}
	if s, ok := names[state]; ok {
		return s
	}
	return fmt.Sprintf("TIME_%d", state)
}

var statusWords = []struct {
	bit  int32
	word string
}{
	{unix.STA_PLL, "STA_PLL"}, {unix.STA_FLL, "STA_FLL"}, {unix.STA_INS, "STA_INS"}, {unix.STA_DEL, "STA_DEL"},
	{unix.STA_UNSYNC, "STA_UNSYNC"}, {unix.STA_FREQHOLD, "STA_FREQHOLD"}, {unix.STA_PPSSIGNAL, "STA_PPSSIGNAL"},
	{unix.STA_CLOCKERR, "STA_CLOCKERR"}, {unix.STA_NANO, "STA_NANO"},
}

func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return processBoot()
	}
	return strings.TrimSpace(string(b))
}

func systemName() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return platform
	}
	return platform + " " + unix.ByteSliceToString(u.Release[:])
}
