package server

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"aoiworld/conf"
	"aoiworld/pb"
)

// patience is how long a test waits for what must come, before it fails.
const patience = 20 * time.Second

// start runs a server on free ports, with settings, until the test ends; then it must stop without an error.
func start(t testing.TB, sets ...string) *Server {
	t.Helper()
	return startWith(t, Extension{}, sets...)
}

// startWith is start, with a game.
func startWith(t testing.TB, extension Extension, sets ...string) *Server {
	t.Helper()
	sets = append([]string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=127.0.0.1:0", "ops.address=127.0.0.1:0", "world.tick_rate=60",
		"world.spawn.max_x=160", "world.spawn.max_z=134", "limits.shutdown_timeout=5s", "world.check_every=1ns",
		"limits.overload_tick_share=0", // others may use this machine, too
	}, sets...)
	cfg, err := conf.Load(conf.Source{Sets: sets})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), extension)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the server stopped with %v", err)
		}
	})
	<-m.Ready()
	return m
}

// client is a program written against docs/protocol.md: it knows frames and the generated messages, and nothing of ours.
type client struct {
	t    testing.TB
	name string
	conn io.ReadWriteCloser
}

// message is one frame that arrived.
type message struct {
	id    uint32
	bytes []byte // the whole frame
}

// dial connects a client over tcp or ws.
func dial(t testing.TB, m *Server, transport string) *client {
	t.Helper()
	c := &client{t: t}
	if transport == "tcp" {
		conn, err := net.Dial("tcp", m.Addresses()[conf.ClassicAddress].String())
		if err != nil {
			t.Fatal(err)
		}
		c.conn = conn
		_ = conn.SetDeadline(time.Now().Add(patience))
	} else {
		socket, _, err := websocket.DefaultDialer.Dial("ws://"+m.Addresses()[conf.WebSocketAddress].String()+"/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = socket.SetReadDeadline(time.Now().Add(patience))
		c.conn = &byteStream{Conn: socket}
	}
	t.Cleanup(func() { _ = c.conn.Close() })
	return c
}

// byteStream makes a byte stream of binary WebSocket messages.
type byteStream struct {
	*websocket.Conn
	rest []byte
}

// Read reads from the message, or the next.
func (s *byteStream) Read(b []byte) (int, error) {
	for len(s.rest) == 0 {
		_, message, err := s.ReadMessage()
		if err != nil {
			return 0, err
		}
		s.rest = message
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// Write sends a message.
func (s *byteStream) Write(b []byte) (int, error) {
	return len(b), s.WriteMessage(websocket.BinaryMessage, b)
}

// frame is a message as it is sent.
func frame(id uint32, m proto.Message) []byte {
	payload, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	return append(binary.LittleEndian.AppendUint32(b, id), payload...)
}

// send writes raw bytes.
func (c *client) send(b []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatalf("%s: %v", c.name, err)
	}
}

// move asks for a position.
func (c *client) move(x, z float32) { c.send(frame(3, &pb.Position{X: x, Z: z})) }

// read returns the next frame, or the error with which the connection ended.
func (c *client) read() (message, error) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(c.conn, head); err != nil {
		return message{}, err
	}
	body := make([]byte, binary.LittleEndian.Uint32(head))
	_, err := io.ReadFull(c.conn, body)
	return message{id: binary.LittleEndian.Uint32(head[4:]), bytes: append(head, body...)}, err
}

// next returns the next frame.
func (c *client) next() message {
	c.t.Helper()
	m, err := c.read()
	if err != nil {
		c.t.Fatalf("%s: %v", c.name, err)
	}
	return m
}

// broadcast returns the frame's BroadCast.
func (m message) broadcast() *pb.BroadCast {
	var b pb.BroadCast
	if m.id != 200 || proto.Unmarshal(m.bytes[8:], &b) != nil {
		return nil
	}
	return &b
}

// join reads what a newcomer is told and returns its id.
func (c *client) join() int32 {
	c.t.Helper()
	var me pb.SyncPID
	if m := c.next(); m.id != 1 || proto.Unmarshal(m.bytes[8:], &me) != nil {
		c.t.Fatalf("the first frame is %x", m.bytes)
	}
	if m := c.next(); m.broadcast() == nil {
		c.t.Fatalf("the second frame is %x", m.bytes)
	}
	if m := c.next(); m.id != 202 {
		c.t.Fatalf("the third frame is %x", m.bytes)
	}
	return me.PID
}

// await reads until a player is told to be somewhere.
func (c *client) await(pid int32, x, z float32) {
	c.t.Helper()
	for {
		if b := c.next().broadcast(); b != nil && b.PID == pid && b.GetP().GetX() == x && b.GetP().GetZ() == z {
			return
		}
	}
}

// ended reads until the connection ends and returns with which error.
func (c *client) ended() error {
	for {
		if _, err := c.read(); err != nil {
			return err
		}
	}
}

func TestOperations(t *testing.T) {
	m := start(t)
	dial(t, m, "tcp").join()
	get := func(path string) (int, string) {
		response, err := http.Get("http://" + m.Addresses()[conf.OpsAddress].String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, _ := get(path); status != 200 {
			t.Errorf("%s: status %d", path, status)
		}
	}
	text := ""
	for deadline := time.Now().Add(patience); !strings.Contains(text, `aoiworld_players{world="main"} 1`); {
		if _, text = get("/metrics"); time.Now().After(deadline) {
			t.Fatal("the player is not in the metrics")
		}
	}
	for _, want := range []string{"aoiworld_tick_phase_seconds", "go_goroutines"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the metrics", want)
		}
	}
}

// TestStop: everybody is told, and the server is gone.
func TestStop(t *testing.T) {
	cfg, err := conf.Load(conf.Source{Sets: []string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=127.0.0.1:0", "ops.address=",
	}})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	m, err := New(cfg, slog.New(slog.NewTextHandler(&log, nil)), Extension{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	<-m.Ready()
	plain, web := dial(t, m, "tcp"), dial(t, m, "ws")
	plain.join()
	web.join()
	stop()
	if err := plain.ended(); !errors.Is(err, io.EOF) {
		t.Errorf("the TCP client was left with %v", err)
	}
	if err := web.ended(); !websocket.IsCloseError(err, 4001) {
		t.Errorf("the WebSocket client was left with %v, want 4001", err)
	}
	_ = plain.conn.Close()
	_ = web.conn.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "msg=ready") || !strings.Contains(text, "msg=stopped") {
		t.Errorf("the log says:\n%s", text)
	}
}

func TestTakenAddress(t *testing.T) {
	m := start(t)
	cfg, err := conf.Load(conf.Source{Sets: []string{
		"net.tcp.classic.address=" + m.Addresses()[conf.ClassicAddress].String(), "net.ws.address=127.0.0.1:0",
		"net.tcp.native.address=127.0.0.1:0", "ops.address=" + m.Addresses()[conf.OpsAddress].String(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	second, err := New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), Extension{})
	if err != nil {
		t.Fatal(err)
	}
	var wrong *conf.Error
	if err := second.Run(t.Context()); !errors.As(err, &wrong) || len(wrong.Problems) != 2 {
		t.Fatalf("a server on taken addresses ended with %v", err)
	}
	if !strings.Contains(wrong.Error(), conf.ClassicAddress) || !strings.Contains(wrong.Error(), conf.OpsAddress) {
		t.Errorf("the keys are not told: %v", wrong)
	}
}

// TestDrain: the server can be told to stop by a call, twice, and tells its clients when to come back.
func TestDrain(t *testing.T) {
	m := start(t)
	web := dial(t, m, "ws")
	web.join()
	began := time.Now()
	m.Drain()
	m.Drain()
	var told *websocket.CloseError
	if err := web.ended(); !errors.As(err, &told) || told.Code != 4001 || !strings.Contains(told.Text, "; come back in ") {
		t.Errorf("the client was left with %v", err)
	}
	_ = web.conn.Close()
	for _, key := range []string{conf.ClassicAddress, conf.NativeAddress, conf.WebSocketAddress} {
		if conn, err := net.Dial("tcp", m.Addresses()[key].String()); err == nil {
			t.Errorf("%s: connected to a server that stops", key)
			_ = conn.Close()
		}
	}
	if took := time.Since(began); took > m.cfg.Limits.ShutdownTimeout {
		t.Errorf("it took %v", took)
	}
}

// TestDrainCutsWhoStays: clients that neither read nor go do not keep the server from ending in time.
func TestDrainCutsWhoStays(t *testing.T) {
	m := start(t, "limits.shutdown_timeout=200ms")
	for range 20 {
		dial(t, m, "tcp").join()
		dial(t, m, "ws").join()
	}
	m.Drain() // the test ends when Run has returned
}
