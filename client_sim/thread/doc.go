// Package thread is for goroutines that are to be in time on a machine that others keep busy: those that move bots and those that
// read for them. Two queues are to be passed there. A goroutine needs one of the processors of Go's scheduler, which may all be
// taken for up to 10 ms, by other goroutines and by the garbage collector: so it is given one more, which it keeps while it
// waits. And the thread that it runs on needs a core of the machine.
//
// Both are for processes that have nothing else to do. Beside a server, or in tests that run at once, they would be taken from
// whoever needs them as much: there goroutines let go of their processor while they wait.
//
// A goroutine that lets go of its processor each millisecond and takes it back would also keep the thread with which Go's runtime
// watches over its processors (sysmon) from sleeping, which takes a twelfth of a core.
package thread
