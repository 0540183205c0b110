package server

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"aoiworld/conf"
	"aoiworld/pb"
	"aoiworld/player"
)

// witness is an honest player who must not notice anything: it moves, and sees itself move.
type witness struct {
	*client
	id int32
	x  float32
}

// newWitness joins a witness.
func newWitness(t testing.TB, m *Server) *witness {
	c := dial(t, m, "tcp")
	c.name = "witness"
	return &witness{client: c, id: c.join(), x: 300}
}

// fine checks that the server serves the witness.
func (w *witness) fine() {
	w.t.Helper()
	w.x = 600 - w.x + 1/float32(1024)
	w.move(w.x, 300)
	w.await(w.id, w.x, 300)
}

// reset ends a connection as a crash does.
func (c *client) reset() {
	tcp := c.conn.(*net.TCPConn)
	if err := tcp.SetLinger(0); err != nil {
		c.t.Error(err)
	}
	_ = tcp.Close()
}

func TestImpossiblePlaces(t *testing.T) {
	m := start(t, "limits.bad_positions_per_minute=0")
	w := newWitness(t, m)
	c := dial(t, m, "tcp")
	id := c.join()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, p := range []*pb.Position{
		{X: nan, Z: 100},
		{X: 100, Z: nan},
		{X: 100, Z: 100, Y: nan},
		{X: 100, Z: 100, V: nan},
		{X: inf, Z: 100},
		{X: -inf, Z: 100},
		{X: 100, Z: inf},
		{X: 100, Z: 100, Y: -inf},
		{X: math.Nextafter32(85, 0), Z: 100},
		{X: math.Nextafter32(410, 500), Z: 100},
		{X: 100, Z: 74.999},
		{X: 100, Z: 401},
		{X: math.MaxFloat32, Z: math.MaxFloat32},
		{},
		{X: -1e-45, Z: 100},
	} {
		c.send(frame(3, p))
		c.await(id, 160, 134) // the true position
	}
	for _, corner := range [][2]float32{{85, 75}, {410, 75}, {85, 400}, {410, 400}} {
		c.move(corner[0], corner[1])
		c.await(id, corner[0], corner[1])
	}
	w.fine()
}

func TestTooManyImpossiblePlaces(t *testing.T) {
	m := start(t)
	w := newWitness(t, m)
	c := dial(t, m, "ws")
	id := c.join()
	for range 10 {
		c.move(0, 0)
		c.await(id, 160, 134)
	}
	c.move(0, 0)
	if err := c.ended(); !websocket.IsCloseError(err, int(player.MoveAbuse.Code())) {
		t.Errorf("the connection ended with %v, want %d", err, player.MoveAbuse.Code())
	}
	w.fine()
}

// TestBrokenStreams: each of these ends its own connection.
func TestBrokenStreams(t *testing.T) {
	m := start(t, "limits.frame_timeout=1s")
	w := newWitness(t, m)
	for name, b := range map[string][]byte{
		"4 GiB declared":          {0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0},
		"one byte too many":       {0x01, 0x10, 0, 0, 3, 0, 0, 0},
		"text":                    []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"flood":                   bytes.Repeat([]byte{0, 0, 0, 0, 3, 0, 0, 0}, 8<<10),
		"unknown ids":             bytes.Repeat([]byte{0, 0, 0, 0, 99, 0, 0, 0}, 21),
		"ids of the server":       bytes.Repeat([]byte{0, 0, 0, 0, 200, 0, 0, 0}, 21),
		"garbage":                 bytes.Repeat([]byte{3, 0, 0, 0, 3, 0, 0, 0, 0xff, 0xff, 0xff}, 6),
		"a frame that never ends": {20, 0, 0, 0, 3, 0, 0, 0, 1},
	} {
		c := dial(t, m, "tcp")
		c.name = name
		c.join()
		_, _ = c.conn.Write(b) // the server may have closed before it is all out
		if err := c.ended(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: the connection ended with %v", name, err)
		}
		w.fine()
	}
}

// TestBrokenMessages: the same over WebSocket, where a code says why.
func TestBrokenMessages(t *testing.T) {
	m := start(t, "limits.messages_per_second=0")
	w := newWitness(t, m)
	for name, test := range map[string]struct {
		kind int
		data []byte
		code uint16
	}{
		"text":                         {websocket.TextMessage, []byte("hello"), 1003},
		"4 GiB declared":               {websocket.BinaryMessage, []byte{0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0}, 1009},
		"a message that is too large":  {websocket.BinaryMessage, bytes.Repeat(frame(3, &pb.Position{X: 1, Z: 1}), 1000), 1009},
		"a message inside a frame":     {websocket.BinaryMessage, []byte{20, 0, 0, 0, 3, 0, 0, 0, 1}, 4504},
		"unknown ids":                  {websocket.BinaryMessage, bytes.Repeat([]byte{0, 0, 0, 0, 99, 0, 0, 0}, 21), 4504},
		"a close that is as it should": {websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), 1000},
	} {
		c := dial(t, m, "ws")
		c.name = name
		c.join()
		if err := c.conn.(*byteStream).WriteMessage(test.kind, test.data); err != nil {
			t.Error(err)
		}
		if err := c.ended(); !websocket.IsCloseError(err, int(test.code)) {
			t.Errorf("%s: the connection ended with %v, want %d", name, err, test.code)
		}
		w.fine()
	}
}

func TestForgivableMistakes(t *testing.T) {
	m := start(t)
	c := dial(t, m, "tcp")
	id := c.join()
	c.send(bytes.Repeat([]byte{0, 0, 0, 0, 99, 0, 0, 0}, 20))
	c.send(bytes.Repeat([]byte{1, 0, 0, 0, 3, 0, 0, 0, 0xff}, 5))
	c.send(frame(2, &pb.Talk{Content: "\x1b[2J"}))
	c.move(200, 200)
	c.await(id, 200, 200)
}

func TestForeignOrigins(t *testing.T) {
	m := start(t, "net.ws.allowed_origins=https://game.example")
	url := "ws://" + m.Addresses()[conf.WebSocketAddress].String() + "/ws"
	for origin, want := range map[string]int{
		"": 101, "http://" + m.Addresses()[conf.WebSocketAddress].String(): 101, "https://game.example": 101,
		"https://evil.example": 403, "null": 403, "https://game.example.evil.example": 403,
	} {
		head := http.Header{}
		if origin != "" {
			head.Set("Origin", origin)
		}
		socket, response, err := websocket.DefaultDialer.Dial(url, head)
		if response == nil || response.StatusCode != want {
			t.Errorf("origin %q: %v, want status %d", origin, err, want)
		}
		if socket != nil {
			_ = socket.Close()
		}
	}
}

// TestThreeHundredVanish: in one moment, without a word, in front of somebody's eyes.
func TestThreeHundredVanish(t *testing.T) {
	const crowd = 300
	m := start(t)
	w := dial(t, m, "tcp")
	w.join()
	var gone sync.WaitGroup
	everybodyHere := make(chan struct{})
	for range crowd {
		c := dial(t, m, "tcp")
		c.join()
		gone.Go(func() {
			<-everybodyHere
			c.reset()
		})
	}
	close(everybodyHere)
	gone.Wait()
	leaves := 0
	for leaves < crowd {
		if w.next().id == 201 {
			leaves++
		}
	}
	survivor := newWitness(t, m)
	for deadline := time.Now().Add(patience); m.registry.Snapshot().Live() > 2; survivor.fine() {
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions are live, of two clients", m.registry.Snapshot().Live())
		}
	}
}

// TestClientThatNeverReads: it is closed, and the others are told everything in time.
func TestClientThatNeverReads(t *testing.T) {
	m := start(t, "limits.slow_consumer=500ms", "net.send_buffer=4096", "limits.max_pending=65536", "world.columns=1", "world.rows=1")
	deaf := dial(t, m, "tcp")
	if err := deaf.conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	var others []*witness
	for range 40 {
		others = append(others, newWitness(t, m))
	}
	deadline := time.Now().Add(patience)
	for m.registry.Snapshot().Closed[player.SlowConsumer][0] == 0 {
		if time.Now().After(deadline) {
			t.Fatal("the client that never reads was never closed")
		}
		var moved sync.WaitGroup
		for _, w := range others {
			moved.Go(w.fine)
		}
		moved.Wait()
	}
	others[0].fine()
}

// TestMoveFlood: 10,000 moves a second for five seconds, and no limit on bytes. It does not last so long.
func TestMoveFlood(t *testing.T) {
	m := start(t, "limits.bytes_per_second=0")
	w := newWitness(t, m)
	c := dial(t, m, "ws")
	c.join()
	for range 50 {
		if _, err := c.conn.Write(bytes.Repeat(frame(3, &pb.Position{X: 200, Z: 200}), 200)); err != nil {
			break
		}
	}
	if err := c.ended(); !websocket.IsCloseError(err, int(player.Flood.Code())) {
		t.Errorf("the connection ended with %v, want %d", err, player.Flood.Code())
	}
	w.fine()
}
