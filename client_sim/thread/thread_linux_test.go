package thread

import (
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestProcessors: those who were given one have one.
func TestProcessors(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	one, two := Processor(), Processor()
	if got := runtime.GOMAXPROCS(0); got != before+2 {
		t.Errorf("%d processors, before two more there were %d", got, before)
	}
	one()
	two()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("%d processors are left of %d", got, before)
	}
}

// takesItsTime checks that a way to sleep is one.
func takesItsTime(t *testing.T, sleep func(time.Duration)) {
	t.Helper()
	const short = 5 * time.Millisecond
	for range 100 { // the runtime may end some
		began := time.Now()
		if sleep(short); time.Since(began) >= short {
			return
		}
	}
	t.Error("none took its time")
}

func TestSleep(t *testing.T) { takesItsTime(t, Sleep) }

// TestNap: it takes its time, and the collector need not wait for the end of it.
func TestNap(t *testing.T) {
	defer Processor()()
	takesItsTime(t, Nap)
	const long = time.Hour
	woken := make(chan struct{})
	go func() {
		defer close(woken)
		Nap(long)
	}()
	for awake := false; !awake; { // whoever wants all goroutines to stop ends it
		runtime.GC()
		select {
		case <-woken:
			awake = true
		default:
		}
	}
}

// TestUrgency: a thread is served sooner where that is allowed, and as before in the end, wherever the goroutine goes on.
func TestUrgency(t *testing.T) {
	runtime.LockOSThread() // so that it is this thread that is asked for
	defer runtime.UnlockOSThread()
	here := unix.Gettid()
	attributes := func() unix.SchedAttr {
		a, err := unix.SchedGetAttr(here, 0)
		if err != nil {
			t.Fatal(err)
		}
		a.Flags = 0
		return *a
	}
	before := attributes()
	var u Urgent
	u.Follow()
	switch during := attributes(); {
	case during.Policy == unix.SCHED_FIFO && during.Priority == 1:
	case during.Policy == before.Policy && during.Nice == niceness:
	case u.before == nil && during == before:
		t.Log("it is not allowed here")
	default:
		t.Errorf("%+v during, %+v before", during, before)
	}
	elsewhere := make(chan struct{})
	go func() {
		defer close(elsewhere)
		u.Follow()
	}()
	<-elsewhere
	if after := attributes(); after != before {
		t.Errorf("%+v of the thread that was left, %+v before", after, before)
	}
	u.Relax()
	u.Follow()
	u.Relax()
	if after := attributes(); after != before {
		t.Errorf("%+v in the end, %+v before", after, before)
	}
}

// TestUrgencyIsNotHandedOn: a thread that an urgent one makes is none.
func TestUrgencyIsNotHandedOn(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var u Urgent
	u.Follow()
	defer u.Relax()
	child := exec.Command("sleep", "1h") // forked by this very thread
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}()
	a, err := unix.SchedGetAttr(child.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	if a.Policy != unix.SCHED_NORMAL || a.Nice < 0 {
		t.Errorf("%+v", a)
	}
}
