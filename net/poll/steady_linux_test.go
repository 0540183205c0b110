package poll_test

import (
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"aoiworld/net/tcp"
	"aoiworld/net/wire"
)

// turnsIn returns how many turns sockets have in a poll.
func (f *fixture) turnsIn() int64 {
	before := f.turns.Load()
	f.poller.Poll()
	return f.turns.Load() - before
}

// talk sends a message before each of so many polls.
func (f *fixture) talk(t *testing.T, c *net.TCPConn, polls int) {
	t.Helper()
	for range polls {
		if _, err := c.Write(wire.AppendFrame(nil, swallowed, make([]byte, 20))); err != nil {
			t.Fatal(err)
		}
		if n := f.turnsIn(); n != 1 {
			t.Fatalf("%d turns for a message", n)
		}
	}
}

// settled connects a client that has sent something before each of many polls.
func (f *fixture) settled(t *testing.T) *net.TCPConn {
	t.Helper()
	c := f.begun(t)
	for f.turnsIn() > 0 {
	}
	f.talk(t, c, 30)
	return c
}

// TestWhoIsSentLittleIsReadLast: who was sent less lately than others is read behind them, whenever it has sent something, whether
// or not the kernel tells of it.
func TestWhoIsSentLittleIsReadLast(t *testing.T) {
	f := serve(t, tcp.Config{})
	var order []byte
	f.heard = func(payload []byte) { order = append(order, payload[0]) }
	var clients []*net.TCPConn
	for _, size := range []int{10, 3000, 20, 3000, 3000, 10} {
		c := f.begun(t)
		defer c.Close()
		if _, err := c.Write(wire.AppendFrame(nil, 1, make([]byte, size))); err != nil {
			t.Fatal(err)
		}
		f.await(t, func() { _, _ = io.CopyN(io.Discard, c, int64(size)) })
		clients = append(clients, c)
	}
	for range 30 {
		order = order[:0]
		for i, c := range clients {
			if _, err := c.Write(wire.AppendFrame(nil, swallowed, []byte{byte(i)})); err != nil {
				t.Fatal(err)
			}
		}
		if f.poller.Poll(); !slices.Equal(order[:3], []byte{1, 3, 4}) || len(order) != len(clients) {
			t.Fatalf("read in the order %v", order)
		}
	}
}

// TestSteadySocketsAreNotToldOf: who sends something before each poll is read without the kernel's telling, until it is silent.
func TestSteadySocketsAreNotToldOf(t *testing.T) {
	f := serve(t, tcp.Config{})
	c := f.settled(t)
	defer c.Close()
	for i, want := range []int64{1, 1, 0, 0} {
		if n := f.turnsIn(); n != want {
			t.Fatalf("%d turns in the silent poll %d, want %d", n, i, want)
		}
	}
	f.talk(t, c, 30)
	f.turnsIn()
	f.talk(t, c, 3) // one silence is none
	if n := f.turnsIn(); n != 1 {
		t.Errorf("%d turns after one silence", n)
	}
}

// TestSteadySocketsEnd: what a steady client does last is found out.
func TestSteadySocketsEnd(t *testing.T) {
	f := serve(t, tcp.Config{})
	for _, end := range []func(c *net.TCPConn) error{(*net.TCPConn).CloseWrite, (*net.TCPConn).Close} {
		c := f.settled(t)
		if err := end(c); err != nil {
			t.Fatal(err)
		}
		f.await(t, func() {
			if err := <-f.ended; err != io.EOF {
				t.Errorf("it ended with %v", err)
			}
		})
		_ = c.Close()
		f.await(t, func() { <-f.ended }) // it has lingered
	}
}

// TestWhatArrivesMeanwhileIsGathered: when it takes long to read, who has sent something meanwhile is read as well, once; and who
// is steady has no turn for nothing.
func TestWhatArrivesMeanwhileIsGathered(t *testing.T) {
	f := serve(t, tcp.Config{})
	c, other := f.settled(t), f.begun(t)
	defer c.Close()
	defer other.Close()
	f.turnsIn()
	f.talk(t, c, 30)
	send := func(c *net.TCPConn, payload byte) {
		if _, err := c.Write(wire.AppendFrame(nil, swallowed, []byte{payload})); err != nil {
			t.Error(err)
		}
	}
	var order []byte
	f.heard = func(payload []byte) {
		if order = append(order, payload[0]); payload[0] == 1 {
			send(other, 2)
			for began := time.Now(); time.Since(began) < 2*time.Millisecond; {
			}
		}
	}
	gather := func() (turns int64) {
		order = order[:0]
		before := f.turns.Load()
		send(c, 1)
		f.poller.Gather(time.Now())
		return f.turns.Load() - before
	}
	for range 5 {
		if turns := gather(); turns != 2 || !slices.Equal(order, []byte{1, 2}) {
			t.Fatalf("%d turns, in which %v was read", turns, order)
		}
	}
	for range 25 {
		gather()
	}
	f.heard = nil
	f.turnsIn() // what was said last
	if n := f.turnsIn(); n != 2 {
		t.Errorf("%d turns without a message: who always has something when all have been read is steady, too", n)
	}
}

// TestWhoWatchesIsToldOfEverybody: nobody is steady while somebody watches, or was when somebody began to.
func TestWhoWatchesIsToldOfEverybody(t *testing.T) {
	f := serve(t, tcp.Config{})
	c := f.settled(t)
	defer c.Close()
	if !f.poller.Watch(func() {}) {
		t.Error("a watch that would not be told of a steady socket")
	}
	f.turnsIn()
	f.turnsIn() // told of again
	if f.poller.Watch(func() {}) {
		t.Error("there is something to read after silence")
	}
	for range 30 {
		f.poller.Watch(func() {})
		f.talk(t, c, 1)
	}
	if n := f.turnsIn(); n != 0 {
		t.Errorf("%d turns without a message though somebody watches", n)
	}
}
