package client_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/client"
	"aoiworld/net/native"
	nativepb "aoiworld/pb/native"
)

// scripted is a connection to a server that says what it has to say and then nothing, and takes no message after the Hello.
type scripted struct {
	says   [][]byte
	hello  bool
	closed chan struct{}
}

func (s *scripted) Read() ([]byte, error) {
	if len(s.says) == 0 {
		<-s.closed
		return nil, io.EOF
	}
	b := s.says[0]
	s.says = s.says[1:]
	return b, nil
}

func (s *scripted) Write([]byte) error {
	if !s.hello {
		s.hello = true
		return nil
	}
	<-s.closed
	return io.ErrClosedPipe
}

func (s *scripted) Close() error {
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return nil
}

// welcome is a Welcome to a world of steps of 1.
func welcome() []byte {
	return native.AppendMessage(nil, native.IDWelcome, &nativepb.Welcome{
		Version: 1, Player: 1, World: &nativepb.World{MaxX: 1000, MaxZ: 1000, Quantum: 1},
	})
}

// script connects a client to a server that says this after its Welcome.
func script(t *testing.T, says ...[]byte) (*client.Client, *heard) {
	conn := &scripted{says: append([][]byte{welcome()}, says...), closed: make(chan struct{})}
	h := newHeard()
	c, err := client.Dial(t.Context(), client.Config{
		Retry: -1, Events: h.hear, Dial: func(context.Context) (client.Conn, error) { return conn, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, h
}

// tick is a Tick that fill fills.
func tick(number uint64, fill func(dst []byte) []byte) []byte {
	return native.EndFrame(fill(native.BeginTick(nil, number)), 0)
}

// TestCloseDoesNotWaitForever: a server that does not read holds nobody up.
func TestCloseDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := script(t)
		began := time.Now()
		c.Close()
		if took := time.Since(began); took != time.Second {
			t.Errorf("closed after %v", took)
		}
	})
}

// TestLostThread: whoever was in view when a tick did not fit has left it, for all that the client can tell.
func TestLostThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fits := tick(1, func(dst []byte) []byte {
			return native.AppendDelta(dst, &native.Delta{Entered: []native.Member{{Slot: 0, ID: 7}}})
		})
		doesNot := tick(2, func(dst []byte) []byte {
			return native.AppendDelta(dst, &native.Delta{Entered: []native.Member{{Slot: 1, ID: 8}}, Left: []int32{5}})
		})
		c, h := script(t, fits, doesNot)
		<-c.Done()
		kinds := []client.EventKind{}
		for _, e := range h.events {
			kinds = append(kinds, e.Kind)
		}
		want := []client.EventKind{client.Connected, client.Appeared, client.Left, client.Disconnected}
		if len(kinds) != len(want) || kinds[1] != want[1] || kinds[2] != want[2] || kinds[3] != want[3] {
			t.Errorf("events %v, want %v", kinds, want)
		}
		c.Close()
	})
}

// TestCrowdIsShown: a client shows a crowd where its tracks lead, and says how it is spread.
func TestCrowdIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fixes := []native.Fix{{Slot: 0, At: native.Place{X: 100, Z: 200}, Speed: native.Velocity{X: 1000}}}
		groups := []native.Aggregate{{Count: 1, X: 100, Z: 200}}
		c, h := script(t, tick(1, func(b []byte) []byte {
			b = native.AppendDelta(b, &native.Delta{Entered: []native.Member{{ID: 7}}})
			crowd := native.Crowd{Fixes: fixes, BoundMillis: 8000, Aggregates: groups}
			return native.AppendCrowd(native.AppendTime(b, 5000), &crowd, true)
		}), tick(2, func(b []byte) []byte {
			crowd := native.Crowd{BoundMillis: 8000}
			return native.AppendCrowd(native.AppendTime(b, 5100), &crowd, true)
		}))
		synctest.Wait()
		if at := c.View()[7].At; at != (native.Place{X: 200, Z: 200}) {
			t.Errorf("it is at %+v", at)
		}
		now := time.Now()
		for after, want := range map[time.Duration]float32{0: 200, 50 * time.Millisecond: 250, time.Hour: 700} {
			if at, shown := c.Show(7, now.Add(after)); !shown || at.X != want {
				t.Errorf("after %v it is shown at %v, want %v", after, at, want)
			}
		}
		if _, shown := c.Show(8, now); shown {
			t.Error("nobody is shown")
		}
		if all := c.Crowds(); len(all) != 1 || all[0].Members != 1 || all[0].Bound != 8*time.Second || len(all[0].Groups) != 1 {
			t.Errorf("crowds %+v", all)
		}
		c.Close()
		if len(h.events) < 2 || h.events[1].Kind != client.Appeared {
			t.Errorf("told %+v", h.events)
		}
	})
}

// TestConfirmedOnATrack: one's own move counts when it is confirmed, though a crowd shows nothing of it.
func TestConfirmedOnATrack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := obliging{&scripted{says: [][]byte{welcome()}, closed: make(chan struct{})}, make(chan []byte)}
		c, err := client.Dial(t.Context(), client.Config{Retry: -1, Dial: func(context.Context) (client.Conn, error) { return conn, nil }})
		if err != nil {
			t.Fatal(err)
		}
		for x := range 3 {
			if err := c.Move(client.Position{X: 10 + float32(x)}); err != nil {
				t.Fatal(err)
			}
		}
		conn.more <- native.AppendAck(nil, 3)
		synctest.Wait()
		if here := c.Here(); here.X != 12 {
			t.Errorf("it is at %v", here)
		}
		c.Close()
	})
}

// obliging is a connection that takes everything, and says more as it is told.
type obliging struct {
	*scripted
	more chan []byte
}

func (d obliging) Write([]byte) error { return nil }

func (d obliging) Read() ([]byte, error) {
	if len(d.says) > 0 {
		return d.scripted.Read()
	}
	select {
	case b := <-d.more:
		return b, nil
	case <-d.closed:
		return nil, io.EOF
	}
}
