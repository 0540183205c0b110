//go:build !linux

package bot

import "time"

// nap sleeps.
func nap(d time.Duration) { time.Sleep(d) }

// urgent would ask the system to serve the calling goroutine before others, and knows no way to.
func urgent() (relax func()) { return func() {} }
