package server

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"aoiworld/conf"
	"aoiworld/net/malformed"
	"aoiworld/player"
)

// addresses is where a server listens.
func (s *Server) hostileAddresses() malformed.Addresses {
	at := s.Addresses()
	return malformed.Addresses{
		Classic: at[conf.ClassicAddress].String(), Native: at[conf.NativeAddress].String(), WebSocket: at[conf.WebSocketAddress].String(),
		Path: "/ws",
	}
}

// TestMalformedFrames: frames that are wrong in forty ways, over TCP and WebSocket, in either dialect, before a client is in the
// world and after, cost whoever sends them his connection, or nothing; never anybody else anything. Afterwards nothing is left of
// them: no session, no goroutine, no file descriptor.
func TestMalformedFrames(t *testing.T) {
	kinds := malformed.Kinds()
	if len(kinds) < 40 {
		t.Errorf("there are %d kinds", len(kinds))
	}
	m := start(t)
	w := newWitness(t, m)
	w.fine()
	before := held(t)
	for i, kind := range kinds {
		for _, way := range malformed.Ways {
			if !kind.Suits(way) {
				continue
			}
			for _, entered := range []bool{false, true} {
				name := fmt.Sprintf("%s, %v, entered: %v", kind.Name, way, entered)
				if err := offend(t, m, kind, way, entered, rand.New(rand.NewPCG(uint64(i), 0))); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			w.fine()
		}
	}
	if n := m.registry.Snapshot().Closed[player.Internal]; n != [len(n)]uint64{} {
		t.Errorf("the server failed by itself: %v", n)
	}
	for deadline := time.Now().Add(patience / 2); ; w.fine() {
		<-time.After(20 * time.Millisecond) // the witness must not flood
		after := held(t)
		live := m.registry.Snapshot().Live()
		if live == 1 && after.goroutines <= before.goroutines && after.descriptors <= before.descriptors {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions live; held are %+v, before that %+v", live, after, before)
		}
	}
}

// mayEnd are the codes with which a connection may end over which malformed frames came.
var mayEnd = []player.CloseReason{
	player.ProtocolError, player.TextMessage, player.TooLarge, player.ProtocolAbuse, player.MoveAbuse, player.Unauthenticated,
}

// offend sends frames of a kind, as many as end the connection if any do, and then looks whether it has ended as it should: with a
// code that says why where there is a WebSocket.
func offend(t *testing.T, m *Server, kind malformed.Kind, way malformed.Way, entered bool, random *rand.Rand) error {
	t.Helper()
	c, err := malformed.Dial(t.Context(), m.hostileAddresses(), way, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	if entered {
		if err := c.Enter(); err != nil {
			return fmt.Errorf("it was not let in: %w", err)
		}
	}
	last := kind.Last(way, entered)
	for range max(5, last) {
		if _, err := c.Write(kind.Bytes(way, random)); err != nil {
			break // the server has closed
		}
	}
	if last == 0 {
		return c.Conn.(*net.TCPConn).SetLinger(0) // it goes as it came
	}
	code, err := c.Ended()
	reasons := slices.ContainsFunc(mayEnd, func(r player.CloseReason) bool { return int(r.Code()) == code })
	switch {
	case err != nil:
		return fmt.Errorf("it goes on: %w", err)
	case way.WebSocket && !reasons:
		return fmt.Errorf("it ended with %d", code)
	}
	return nil
}

// holdings is what a process holds of what can leak.
type holdings struct{ goroutines, descriptors int }

// held counts it. Where there is no /proc, descriptors are none.
func held(t *testing.T) holdings {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	return holdings{runtime.NumGoroutine(), len(entries)}
}
