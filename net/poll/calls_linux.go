package poll

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The two system calls of which there is one for each message. Neither ever waits, so the runtime is not told that they are
// made, which would cost as much as some of them. They are made again where a signal has interrupted them.

// receive reads what has arrived at a socket.
func receive(fd int, b []byte) (n int, err error) {
	return again(func() (uintptr, unix.Errno) {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
			uintptr(len(b)), unix.MSG_DONTWAIT, 0, 0)
		return n, errno
	})
}

// send hands the kernel what it takes of b.
func send(fd int, b []byte) (n int, err error) {
	return again(func() (uintptr, unix.Errno) {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
			uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		return n, errno
	})
}

// again makes a call until no signal interrupts it.
func again(call func() (uintptr, unix.Errno)) (int, error) {
	for {
		switch n, errno := call(); errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
