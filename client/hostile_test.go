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

// script connects a client to a server that says this after its Welcome.
func script(t *testing.T, says ...[]byte) (*client.Client, *heard) {
	welcome := native.AppendMessage(nil, native.IDWelcome, &nativepb.Welcome{Version: 1, Player: 1})
	conn := &scripted{says: append([][]byte{welcome}, says...), closed: make(chan struct{})}
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
