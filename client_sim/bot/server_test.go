package bot

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
)

// reference is the simplest server that could be right: one goroutine, one tick, and for each viewer a comparison of
// everybody before and after. It is what the bots are tested against, and with tamper, what their checks are tested by.
type reference struct {
	world World // of the ticking goroutine, once that runs
	// tamper sees what a viewer is about to be told and returns what it is told instead. Called by the ticking goroutine.
	tamper func(tick int, viewer int32, e classic.Event) []classic.Event
	// number turns the count of joins into a player id.
	number func(joins int32) int32

	address, url string

	mu    sync.Mutex
	inbox []func()

	// Of the ticking goroutine.
	tick    int
	joins   int32
	players map[int32]*player
	before  map[int32]place // of the last tick
	was     World           // in it
	said    []classic.Event // in this tick
}

// player is somebody in the reference server's world.
type player struct {
	id    int32
	at    place
	hangs bool // joined in this tick
	left  bool
	write func([]byte)
	close func()
}

// ticksPerSecond is the reference server's.
const ticksPerSecond = 100

// startReference starts a server over TCP and WebSocket that ends with the test.
func startReference(t *testing.T, world World) *reference {
	s := newReference(t, world)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	web := httptest.NewServer(http.HandlerFunc(s.upgrade))
	s.url = "ws" + strings.TrimPrefix(web.URL, "http") + "/ws"
	go s.accept(listener)
	t.Cleanup(func() {
		listener.Close()
		web.CloseClientConnections()
		web.Close()
	})
	return s
}

// newReference starts a server that nobody can connect to yet.
func newReference(t *testing.T, world World) *reference {
	s := &reference{
		world:   world,
		was:     world,
		tamper:  func(_ int, _ int32, e classic.Event) []classic.Event { return []classic.Event{e} },
		number:  func(joins int32) int32 { return joins },
		players: make(map[int32]*player),
		before:  make(map[int32]place),
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go s.run(stop, done)
	t.Cleanup(func() {
		close(stop)
		<-done
	})
	return s
}

// accept takes TCP connections.
func (s *reference) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		p := &player{write: func(b []byte) { _, _ = conn.Write(b) }, close: func() { conn.Close() }}
		s.post(func() { s.join(p) })
		go func() {
			var pending []byte
			buf := make([]byte, 4096)
			for {
				n, err := conn.Read(buf)
				pending = s.take(p, append(pending, buf[:n]...))
				if err != nil {
					s.post(func() { p.left = true })
					conn.Close()
					return
				}
			}
		}()
	}
}

// upgrade takes a WebSocket connection. Its close says 4002, as if the client were slow.
func (s *reference) upgrade(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	slow := websocket.FormatCloseMessage(4002, "SLOW_CONSUMER")
	p := &player{
		write: func(b []byte) { _ = conn.WriteMessage(websocket.BinaryMessage, b) },
		close: func() { _ = conn.WriteControl(websocket.CloseMessage, slow, time.Now().Add(time.Second)) },
	}
	s.post(func() { s.join(p) })
	for {
		_, message, err := conn.ReadMessage()
		if err != nil {
			s.post(func() { p.left = true })
			conn.Close()
			return
		}
		s.take(p, message)
	}
}

// take posts what the whole frames in b want and returns the rest.
func (s *reference) take(p *player, b []byte) []byte {
	for {
		f, rest, err := wire.Cut(b, 4096)
		if errors.Is(err, wire.ErrTruncated) {
			return b
		}
		if err != nil {
			panic(err)
		}
		b = rest
		switch f.ID {
		case classic.IDPosition:
			x, y, z, v, err := classic.ParsePosition(f.Payload)
			if err != nil {
				panic(err)
			}
			s.post(func() { p.at = place{x, y, z, v} })
		case classic.IDTalk:
			text, err := classic.ParseTalk(f.Payload)
			if err != nil {
				panic(err)
			}
			s.post(func() { s.said = append(s.said, classic.Event{Kind: classic.Chat, PID: p.id, Text: text}) })
		}
	}
}

// post puts a command into the next tick.
func (s *reference) post(command func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inbox = append(s.inbox, command)
}

// run ticks.
func (s *reference) run(stop, done chan struct{}) {
	defer close(done)
	ticker := time.NewTicker(time.Second / ticksPerSecond)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			s.step()
		}
	}
}

// join lets somebody in.
func (s *reference) join(p *player) {
	s.joins++
	p.id, p.hangs = s.number(s.joins), true
	p.at.x, p.at.z = s.world.inside(160, 140)
	s.players[p.id] = p
}

// step is one tick: apply, compare, tell.
func (s *reference) step() {
	s.mu.Lock()
	inbox := s.inbox
	s.inbox = nil
	s.mu.Unlock()
	s.tick++
	s.said = nil
	for _, command := range inbox {
		command()
	}
	maps.DeleteFunc(s.players, func(_ int32, p *player) bool { return p.left })
	after := make(map[int32]place, len(s.players))
	for id, p := range s.players {
		after[id] = p.at
	}
	for _, viewer := range s.players {
		if frame := s.frame(viewer, after); len(frame) > 0 {
			viewer.write(frame)
		}
		viewer.hangs = false
	}
	s.before, s.was = after, s.world
}

// regrid cuts the world into other cells.
func (s *reference) regrid(_ context.Context, columns, rows int) error {
	s.post(func() { s.world.Columns, s.world.Rows = columns, rows })
	return nil
}

// frame is what one viewer is told in this tick.
func (s *reference) frame(viewer *player, after map[int32]place) []byte {
	var b []byte
	tell := func(e classic.Event) {
		for _, e := range s.tamper(s.tick, viewer.id, e) {
			b = appendEvent(b, e)
		}
	}
	if viewer.hangs {
		tell(classic.Event{Kind: classic.Welcome, PID: viewer.id})
		tell(event(classic.Appear, viewer.id, viewer.at))
		var entries []byte
		for _, id := range slices.Sorted(maps.Keys(after)) {
			if at := after[id]; neighbours(&s.world, viewer.at, at) {
				for _, e := range s.tamper(s.tick, viewer.id, event(classic.Entry, id, at)) {
					entries = classic.Encoder{}.AppendSnapshotEntry(entries, e.PID, e.X, e.Y, e.Z, e.V)
				}
			}
		}
		b = append(classic.Encoder{}.AppendSnapshotHeader(b, len(entries)), entries...)
	} else {
		s.compare(viewer, after, tell)
	}
	for _, e := range s.said {
		tell(e)
	}
	return b
}

// compare tells a viewer what is different from the tick before.
func (s *reference) compare(viewer *player, after map[int32]place, tell func(classic.Event)) {
	everybody := maps.Clone(s.before)
	maps.Copy(everybody, after)
	for _, id := range slices.Sorted(maps.Keys(everybody)) {
		from, was := s.before[id]
		to, is := after[id]
		was = was && neighbours(&s.was, s.before[viewer.id], from)
		is = is && neighbours(&s.world, viewer.at, to)
		switch {
		case is && !was:
			tell(event(classic.Appear, id, to))
		case was && !is:
			tell(classic.Event{Kind: classic.Leave, PID: id})
		case was && !from.same(to):
			tell(event(classic.Moved, id, to))
		}
	}
}

// neighbours reports whether two positions are in neighbouring cells of a world.
func neighbours(w *World, a, b place) bool { return w.sees(w.cellAt(a.x, a.z), w.cellAt(b.x, b.z)) }

// event is an event about somebody at a place.
func event(kind classic.Kind, id int32, at place) classic.Event {
	return classic.Event{Kind: kind, PID: id, X: at.x, Y: at.y, Z: at.z, V: at.v}
}

// appendEvent encodes an event as a frame of its own.
func appendEvent(b []byte, e classic.Event) []byte {
	var encoder classic.Encoder
	switch e.Kind {
	case classic.Welcome:
		return encoder.AppendWelcome(b, e.PID)
	case classic.Leave:
		return encoder.AppendLeave(b, e.PID)
	case classic.Appear:
		return encoder.AppendAppear(b, e.PID, e.X, e.Y, e.Z, e.V)
	case classic.Moved:
		return encoder.AppendMoved(b, e.PID, e.X, e.Y, e.Z, e.V)
	case classic.Chat:
		return encoder.AppendChat(b, e.PID, e.Text)
	case classic.Snapshot:
		return encoder.AppendSnapshotHeader(b, 0)
	case classic.Entry:
		entry := encoder.AppendSnapshotEntry(nil, e.PID, e.X, e.Y, e.Z, e.V)
		return append(encoder.AppendSnapshotHeader(b, len(entry)), entry...)
	}
	return append(b, bytes.Repeat([]byte{0xff}, wire.HeaderSize)...) // no frame at all
}
