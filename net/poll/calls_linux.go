package poll

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of which there is one for each message, or for each poll. None of them ever waits, so the runtime is not told
// that they are made: that would cost as much as some of them, and wake the thread with which it watches over those who do wait,
// some fifty times until it is calm again. They are made again where a signal has interrupted them.

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

// told returns what an epoll has to tell, as much as there is room for.
func told(epoll int, events []unix.EpollEvent) (n int, err error) {
	return again(func() (uintptr, unix.Errno) {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))),
			uintptr(len(events)), 0, 0, 0)
		return n, errno
	})
}

// look returns how many of some descriptors have something to tell.
func look(fds []unix.PollFd) (n int, err error) {
	var now unix.Timespec
	return again(func() (uintptr, unix.Errno) {
		n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(unsafe.SliceData(fds))), uintptr(len(fds)),
			uintptr(unsafe.Pointer(&now)), 0, 0, 0)
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
