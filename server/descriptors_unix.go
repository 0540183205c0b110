//go:build unix

package server

import (
	"math"
	"syscall"
)

// descriptors returns how many files the process may have open at once, or 0 where nobody says.
func descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(uint64(limit.Cur), math.MaxInt32))
}
