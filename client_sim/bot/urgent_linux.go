package bot

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// urgency is how much sooner than others a thread is to be served that must be in time, where it may not be served before
// them: as nice(1) counts.
const urgency = -10

// nap sleeps in the calling thread itself. A timer of the runtime would be noticed by another thread, which is not urgent.
func nap(d time.Duration) {
	request := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&request, nil) // a signal ends it early, which does no harm
}

// urgent has the calling goroutine served before all others, as far as that is allowed, until the returned function is called.
// On a machine that the server keeps busy, whoever sends moves would be late otherwise.
//
// Two queues are to be passed. Whoever wakes from nap needs one of the processors of Go's scheduler, which may all be taken for
// up to 10 ms, by those who read and by the garbage collector: so there is one more. And the thread needs a core. A nice value
// counts only among the threads of one session (sched(7), autogroup), and the server was started from another terminal: so it
// is the lowest real-time priority, if the system grants that, which it does to root and within RLIMIT_RTPRIO.
func urgent() (relax func()) {
	runtime.LockOSThread()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	lower := prefer()
	return func() {
		lower()
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) - 1)
		runtime.UnlockOSThread()
	}
}

// prefer has the system serve the calling thread before others, until the returned function is called.
func prefer() (lower func()) {
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return func() {}
	}
	restore := func() { _ = unix.SchedSetAttr(0, before, 0) } // which it was allowed to leave
	realTime := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
	if unix.SchedSetAttr(0, realTime, 0) == nil {
		return restore
	}
	nice := *before
	nice.Nice = urgency
	if unix.SchedSetAttr(0, &nice, 0) == nil {
		return restore
	}
	return func() {}
}
