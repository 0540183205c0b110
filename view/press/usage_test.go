package press

import "testing"

// TestMemoryIsUsedAgainAndLetGoOf: a crowd that comes and goes leaves nothing behind for long, and what is needed stays.
func TestMemoryIsUsedAgainAndLetGoOf(t *testing.T) {
	const crowd, few = 10 << 20, 100 << 10
	var u Usage
	var buf []byte
	tick := func(size int) {
		buf = u.Clear(buf)
		buf = append(buf, make([]byte, size)...)
	}
	tick(crowd)
	for i := range 3 * lookEvery {
		tick(few)
		if i < lookEvery/2 && cap(buf) < crowd {
			t.Fatalf("%d bytes are left after %d ticks", cap(buf), i)
		}
	}
	if cap(buf) > keptShare*few {
		t.Errorf("%d bytes are kept for %d", cap(buf), few)
	}
	if n := testing.AllocsPerRun(3*lookEvery, func() { buf = u.Clear(buf)[:few] }); n != 0 {
		t.Errorf("%v allocations a tick while the load is the same", n)
	}
	for range 2 * lookEvery {
		tick(10)
	}
	if cap(buf) > leastKept {
		t.Errorf("%d bytes are kept for 10", cap(buf))
	}
}
