//go:build unix

package bot

import (
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
