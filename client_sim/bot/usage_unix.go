//go:build unix

package bot

import (
	"runtime"
	"syscall"
	"time"
)

// usage is the CPU time that this process has used, or 0 where that is not known.
func usage() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory is the most resident memory that this process has had, in bytes, or 0 where that is not known.
func peakMemory() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss) // elsewhere it is in KiB
	}
	return int64(u.Maxrss) << 10
}
