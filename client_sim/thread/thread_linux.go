package thread

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Processor gives Go's scheduler one processor more, until the returned function is called. It is for a goroutine that keeps one.
// Whoever calls them does so one after the other.
func Processor() (giveBack func()) {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	return func() { runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) - 1) }
}

// Nap sleeps, and keeps the processor: the runtime does not know of it. A signal ends a nap early, which does no harm; it is how
// the runtime has a goroutine stop for the collector.
func Nap(d time.Duration) {
	request := unix.NsecToTimespec(d.Nanoseconds())
	_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&request)), 0, 0)
}

// Sleep sleeps, and lets go of the processor. It is time.Sleep without the runtime's timers: those of a processor whose goroutine
// waits in a system call are looked at up to 10 ms late on a machine with little to do.
func Sleep(d time.Duration) {
	request := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&request, nil)
}

// Urgent has the thread of one goroutine served before all others, as far as that is allowed. The zero value has done nothing.
type Urgent struct {
	thread int // 0 is none
	before *unix.SchedAttr
}

// niceness is how much sooner than others a thread is served that may not be served before them, as nice(1) counts.
const niceness = -10

// Follow is to be called by the goroutine again and again: the runtime may have it go on by another thread. If it were locked to
// one, it would wait each time, which is every 10 ms, for another thread to hand it its processor, which is not urgent. Until it
// is called again the thread that was left is urgent, and may wait for one that is not: so nothing is done where there is but one
// core.
//
// A nice value counts only among the threads of one session (sched(7), autogroup), and the server was started from another
// terminal: so it is the lowest real-time priority, if the system grants that, which it does to root and within RLIMIT_RTPRIO.
func (u *Urgent) Follow() {
	now := unix.Gettid()
	if now == u.thread || runtime.NumCPU() == 1 {
		return
	}
	u.Relax()
	u.thread = now
	before, err := unix.SchedGetAttr(now, 0)
	if err != nil {
		return
	}
	before.Flags |= unix.SCHED_FLAG_RESET_ON_FORK // or threads that come from this one would be urgent for good
	realTime := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1, Flags: before.Flags}
	nice := *before
	nice.Nice = niceness
	if unix.SchedSetAttr(now, realTime, 0) == nil || unix.SchedSetAttr(now, &nice, 0) == nil {
		u.before = before
	}
}

// Relax has the thread served as before. Threads that come from it still begin as ordinary ones: only root may change that back.
func (u *Urgent) Relax() {
	if u.before != nil {
		_ = unix.SchedSetAttr(u.thread, u.before, 0) // which it was allowed to leave; it may have ended
	}
	*u = Urgent{}
}
