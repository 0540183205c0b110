package poll

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestRunPolls: nothing goes unread for longer than longest where nobody else polls, and Run does not poll where others do. Those
// are trusted after a while, and once they end, it takes a second at most to find out.
func TestRunPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := New(1)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.Run(ctx)
		}()
		defer func() {
			cancel()
			<-done
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}()
		alone := polls(p, 20*longest)
		if want := uint32(20); alone < want {
			t.Errorf("%d polls in %v, want %d at least", alone, 20*longest, want)
		}
		const others = 50
		before := p.count()
		for range others {
			p.Poll()
			<-time.After(100 * time.Millisecond)
		}
		if n := p.count() - before; n != others {
			t.Errorf("%d polls where others polled %d times", n, others)
		}
		if unread := until(p); unread < longest || unread > time.Second {
			t.Errorf("after the others' last poll nothing was read for %v more, want %v to a second", unread, longest)
		}
		if unread := until(p); unread > longest {
			t.Errorf("and then for %v, want %v at most", unread, longest)
		}
	})
}

// polls returns how many there are within a time.
func polls(p *Poller, within time.Duration) uint32 {
	before := p.count()
	<-time.After(within)
	synctest.Wait()
	return p.count() - before
}

// until returns how long it takes until the next poll.
func until(p *Poller) (took time.Duration) {
	const step = time.Millisecond
	for polls(p, step) == 0 {
		took += step
	}
	return took
}
