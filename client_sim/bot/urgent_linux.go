package bot

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// urgency is how much sooner than others a thread is to be served that must be in time: as nice(1) counts.
const urgency = -10

// nap sleeps in the calling thread itself. A timer of the runtime would be noticed by another thread, which is not urgent.
func nap(d time.Duration) {
	request := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&request, nil) // a signal ends it early, which does no harm
}

// urgent asks the system to serve the calling goroutine before others, where that is allowed, until the returned function
// is called. On a machine that the server keeps busy, whoever sends moves would be late otherwise.
func urgent() (relax func()) {
	runtime.LockOSThread()
	thread := unix.Gettid()
	before, err := unix.Getpriority(unix.PRIO_PROCESS, thread)
	if err == nil {
		err = unix.Setpriority(unix.PRIO_PROCESS, thread, urgency)
	}
	return func() {
		if err == nil {
			_ = unix.Setpriority(unix.PRIO_PROCESS, thread, 20-before) // which it was allowed to leave
		}
		runtime.UnlockOSThread()
	}
}
