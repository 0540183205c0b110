package thread

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestProcessors: those who were given one have one, and it counts as no core.
func TestProcessors(t *testing.T) {
	cores := Cores()
	one, two := Processor(), Processor()
	if got := runtime.GOMAXPROCS(0); got != cores+2 || Cores() != cores {
		t.Errorf("%d processors and %d cores, with %d cores and two processors more", got, Cores(), cores)
	}
	one()
	two()
	if got := runtime.GOMAXPROCS(0); got != cores {
		t.Errorf("%d processors are left of %d", got, cores)
	}
}

// TestNap: it takes its time, and the collector need not wait for the end of it.
func TestNap(t *testing.T) {
	defer Processor()()
	began := time.Now()
	Nap(5 * time.Millisecond)
	if took := time.Since(began); took < 5*time.Millisecond {
		t.Errorf("it took %v", took)
	}
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
