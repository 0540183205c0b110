package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"aoiworld/net/wire"
)

// nonsense is what an ear refuses, and long after which it takes its time.
const nonsense, long = "nonsense", "a long story"

// ear is a receiver that hands over what it is told.
type ear struct {
	chunks chan string
	pause  chan struct{} // twice for a long story: when it begins, and when it may end
	spare  int           // bytes at the socket that were not received
	end    chan error
}

func newEar() *ear {
	return &ear{chunks: make(chan string, 100), pause: make(chan struct{}), end: make(chan error, 1)}
}

func (e *ear) Receive(chunk []byte, bytes int) error {
	e.spare += bytes - len(chunk)
	if e.spare < 0 {
		return fmt.Errorf("%d bytes fewer at the socket than were received", -e.spare)
	}
	if string(chunk) == nonsense {
		return errors.New("enough")
	}
	if string(chunk) == long {
		e.pause <- struct{}{}
		<-e.pause
	}
	e.chunks <- string(chunk)
	return nil
}

func (e *ear) Ended(reason error) { e.end <- reason }

// peer is the server's end of a link.
type peer struct {
	socket *net.TCPConn
	web    *websocket.Conn // nil over TCP
	rest   []byte          // of a message
}

// Write sends bytes, over WebSocket as a message.
func (p *peer) Write(b []byte) (int, error) {
	if p.web != nil {
		return len(b), p.web.WriteMessage(websocket.BinaryMessage, b)
	}
	return p.socket.Write(b)
}

// Read reads what the link sent.
func (p *peer) Read(b []byte) (int, error) {
	if p.web == nil {
		return p.socket.Read(b)
	}
	for len(p.rest) == 0 {
		kind, message, err := p.web.ReadMessage()
		if err != nil {
			return 0, err
		}
		if kind != websocket.BinaryMessage {
			return 0, fmt.Errorf("a message of kind %d", kind)
		}
		p.rest = message
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// dialers are those that there are.
func dialers() map[string]func(Config) (Dialer, error) {
	return map[string]func(Config) (Dialer, error){
		"portable": Portable, "this system's": New, "this system's, alone": func(cfg Config) (Dialer, error) {
			cfg.Alone = true
			return New(cfg)
		},
	}
}

// means are the ways to be connected, each a dialer and a transport.
func means() map[string]func(testing.TB) (Link, *ear, *peer) {
	all := map[string]func(testing.TB) (Link, *ear, *peer){}
	for name, dialer := range dialers() {
		all[name+", TCP"] = func(t testing.TB) (Link, *ear, *peer) { return connect(t, dialer, acceptTCP) }
		all[name+", WebSocket"] = func(t testing.TB) (Link, *ear, *peer) { return connect(t, dialer, acceptWeb) }
	}
	return all
}

// connect connects an ear to a server and returns both ends.
func connect(t testing.TB, dialer func(Config) (Dialer, error), accept func(testing.TB) (string, chan *peer)) (Link, *ear, *peer) {
	t.Helper()
	server, peers := accept(t)
	d, err := dialer(Config{Servers: []string{server}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	ear := newEar()
	link, err := d.Dial(t.Context(), ear, 1)
	if err != nil {
		t.Fatal(err)
	}
	theirs := <-peers
	t.Cleanup(func() {
		theirs.socket.Close()
		link.Close()
		d.Close()
	})
	return link, ear, theirs
}

// acceptTCP accepts one connection.
func acceptTCP(t testing.TB) (server string, peers chan *peer) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	peers = make(chan *peer, 1)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			peers <- &peer{socket: conn.(*net.TCPConn)}
		}
	}()
	return listener.Addr().String(), peers
}

// acceptWeb accepts WebSocket connections.
func acceptWeb(t testing.TB) (url string, peers chan *peer) {
	peers = make(chan *peer, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var upgrader websocket.Upgrader
		if conn, err := upgrader.Upgrade(w, r, nil); err == nil {
			peers <- &peer{socket: conn.NetConn().(*net.TCPConn), web: conn}
		}
	}))
	t.Cleanup(web.Close)
	return strings.Replace(web.URL, "http", "ws", 1), peers
}

func TestLinksCarryBytesBothWays(t *testing.T) {
	for name, connected := range means() {
		t.Run(name, func(t *testing.T) {
			link, ear, server := connected(t)
			question := strings.Repeat("question ", 20) // longer than a short frame
			if err := link.Send([]byte(question)); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(question))
			if _, err := io.ReadFull(server, got); err != nil || string(got) != question {
				t.Errorf("the server read %q, %v", got, err)
			}
			for _, text := range []string{"answer", "and more"} {
				if _, err := server.Write([]byte(text)); err != nil {
					t.Fatal(err)
				}
				if got := <-ear.chunks; got != text {
					t.Errorf("received %q, want %q", got, text)
				}
			}
			large := bytes.Repeat([]byte("0123456789abcdef"), 20_000) // longer than a frame of 16 bits
			if _, err := server.Write(large); err != nil {
				t.Fatal(err)
			}
			var all []byte
			for len(all) < len(large) {
				all = append(all, <-ear.chunks...)
			}
			if !bytes.Equal(all, large) {
				t.Error("a large message came otherwise than it was sent")
			}
		})
	}
}

func TestLinksEnd(t *testing.T) {
	for name, connected := range means() {
		for how, c := range map[string]struct {
			end  func(Link, *peer)
			want string
		}{
			"the server closes": {func(_ Link, s *peer) { s.socket.Close() }, "tcp: closed by the server|tcp: close 1006 unexpected EOF"},
			"the server resets": {func(_ Link, s *peer) {
				_ = s.socket.SetLinger(0)
				s.socket.Close()
			}, "tcp: connection reset by peer"},
			"the bot closes":               {func(l Link, _ *peer) { l.Close() }, ""},
			"the bot refuses what it gets": {func(_ Link, s *peer) { _, _ = s.Write([]byte(nonsense)) }, "tcp: enough"},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				link, ear, server := connected(t)
				c.end(link, server)
				got := Reason("tcp", <-ear.end)
				if c.want != "" && !strings.Contains("|"+c.want+"|", "|"+got+"|") {
					t.Errorf("ended with %q, want %q", got, c.want)
				}
				if err := link.Send([]byte("late")); err == nil {
					t.Error("a link that has ended takes a frame")
				}
			})
		}
	}
}

// TestLastWordsAreHeard: what a server says last comes before the end, also where both have come before anybody reads.
func TestLastWordsAreHeard(t *testing.T) {
	for name, connected := range means() {
		t.Run(name, func(t *testing.T) {
			_, ear, server := connected(t)
			for _, text := range []string{long, "good", "bye"} {
				if _, err := server.Write([]byte(text)); err != nil {
					t.Fatal(err)
				}
				if text == long {
					<-ear.pause
				}
			}
			server.socket.Close()
			ear.pause <- struct{}{}
			<-ear.end
			close(ear.chunks)
			var all string
			for chunk := range ear.chunks {
				all += chunk
			}
			if all != long+"goodbye" {
				t.Errorf("it heard %q", all)
			}
		})
	}
}

// A server that does not read costs frames, whole ones, and never the bot's time.
func TestABusyLinkDropsWholeFrames(t *testing.T) {
	d, err := New(Config{Servers: []string{"127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	if _, waits := d.(portable); waits {
		t.Skip("this system's links wait instead")
	}
	for _, name := range []string{"this system's, TCP", "this system's, WebSocket"} {
		t.Run(name, func(t *testing.T) { checkBusyLink(t, means()[name]) })
	}
}

// checkBusyLink fills a link up, and empties it again.
func checkBusyLink(t *testing.T, connected func(testing.TB) (Link, *ear, *peer)) {
	link, _, server := connected(t)
	frame := wire.AppendFrame(nil, 3, make([]byte, 1000))
	taken := 0
	for range 1_000_000 {
		err := link.Send(frame)
		if errors.Is(err, ErrBusy) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		taken++
	}
	if err := link.Send(frame); !errors.Is(err, ErrBusy) {
		t.Fatalf("Send: %v after %d frames, want ErrBusy", err, taken)
	}
	read := 0
	for buf := make([]byte, len(frame)); read < taken-1; read++ { // of the last one a rest may be with the link still
		if _, err := io.ReadFull(server, buf); err != nil || buf[4] != 3 || buf[0] != 0xe8 {
			t.Fatalf("frame %d of %d is %v…, %v", read, taken, buf[:8], err)
		}
	}
	for link.Send(frame) != nil { // until the kernel has noticed that there is room
		runtime.Gosched()
	}
	buf := make([]byte, 2*len(frame))
	if _, err := io.ReadFull(server, buf); err != nil || buf[0] != 0xe8 || buf[len(frame)] != 0xe8 {
		t.Errorf("the frames after the rest: %v, %v", buf[:8], err)
	}
}

func TestReasonsAreFew(t *testing.T) {
	deadline, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-deadline.Done()
	for want, err := range map[string]error{
		"tcp: closed by the server":     fmt.Errorf("read 127.0.0.1:4711: %w", io.EOF),
		"tcp: connection refused":       &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"tcp: timed out":                fmt.Errorf("joining: %w", deadline.Err()),
		"tcp: something else":           errors.New("something else"),
		"tcp: close 4503 KICKED":        webSocketError(&websocket.CloseError{Code: 4503, Text: "KICKED"}),
		"tcp: close 1006":               webSocketError(&websocket.CloseError{Code: 1006}),
		"tcp: broken pipe":              webSocketError(syscall.EPIPE),
		"tcp: connection reset by peer": &net.OpError{Op: "read", Err: syscall.ECONNRESET},
	} {
		if got := Reason("tcp", err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

func TestWebSocketRefusalsAreExplained(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	for name, dialer := range dialers() {
		for url, want := range map[string]string{
			strings.Replace(web.URL, "http", "ws", 1): "404 Not Found", web.URL: "malformed",
		} {
			d, err := dialer(Config{Servers: []string{url}, Timeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Dial(t.Context(), newEar(), 0); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: %v, want %q in it", name, url, err, want)
			}
			d.Close()
		}
	}
}
