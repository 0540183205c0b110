package poll

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Alarm goes off at a time, like a timer of the runtime's, but wakes one thread and no more, and at the time itself. For one of
// its timers the runtime is awake a millisecond before and again when it is due, and then looks with a thread more, and with the
// one that watches over the others, whether there is anything else to do: most of what a server in which little happens takes.
type Alarm struct {
	file *os.File // has the descriptor watched by the runtime
	raw  syscall.RawConn
	fd   uintptr
}

// NewAlarm returns an alarm that is not set, or says what the system refuses.
func NewAlarm() (*Alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	a := &Alarm{file: os.NewFile(uintptr(fd), "alarm"), fd: uintptr(fd)}
	if a.raw, err = a.file.SyscallConn(); err != nil {
		_ = a.file.Close() // it was never used
		return nil, err
	}
	return a, nil
}

// Set has it go off at a time, instead of at any before. Anybody may call it, until Close.
func (a *Alarm) Set(at time.Time) {
	const relative, soonest = 0, 1 // ns; 0 would be never
	when := unix.ItimerSpec{Value: unix.NsecToTimespec(max(soonest, int64(time.Until(at))))}
	_, _, _ = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, a.fd, relative, uintptr(unsafe.Pointer(&when)), 0, 0, 0)
}

// Wait returns when it has gone off. Of several who wait one is told.
func (a *Alarm) Wait() {
	_ = a.raw.Read(goneOff) // it fails when it is closed: then it does not go off any more
}

// goneOff reports whether the alarm of a descriptor has gone off since the last time, or since it was set.
func goneOff(fd uintptr) bool {
	var times [8]byte
	_, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&times)), uintptr(len(times)))
	return errno != unix.EAGAIN
}

// Close lets go of the alarm, and of who waits for it.
func (a *Alarm) Close() error { return a.file.Close() }
