package bot

import (
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

// nonsense is what an ear refuses.
const nonsense = "nonsense"

// ear is a receiver that hands over what it is told.
type ear struct {
	chunks chan string
	end    chan error
}

func newEar() *ear { return &ear{chunks: make(chan string, 100), end: make(chan error, 1)} }

func (e *ear) receive(chunk []byte, bytes int) error {
	if bytes < len(chunk) {
		return fmt.Errorf("%d bytes at the socket for %d", bytes, len(chunk))
	}
	if string(chunk) == nonsense {
		return errors.New("enough")
	}
	e.chunks <- string(chunk)
	return nil
}

func (e *ear) ended(reason error) { e.end <- reason }

// dialed connects an ear to a listener by each TCP dialer and returns both ends.
func dialed(t *testing.T, ours func(address string) dialer) (link, *ear, *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	d := ours(listener.Addr().String())
	ear := newEar()
	link, err := d.dial(t.Context(), ear)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		theirs.Close()
		link.Close()
		d.close()
	})
	return link, ear, theirs.(*net.TCPConn)
}

// dialers are all that make TCP links on this system.
func dialers(t *testing.T) map[string]func(string) dialer {
	return map[string]func(string) dialer{
		"goroutines": func(address string) dialer { return streamDialer{&route{servers: []string{address}}} },
		"this system's": func(address string) dialer {
			d, err := newTCPDialer(&route{servers: []string{address}})
			if err != nil {
				t.Fatal(err)
			}
			return d
		},
	}
}

func TestLinksCarryBytesBothWays(t *testing.T) {
	for name, d := range dialers(t) {
		t.Run(name, func(t *testing.T) {
			link, ear, server := dialed(t, d)
			if err := link.Send([]byte("question")); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len("question"))
			if _, err := io.ReadFull(server, got); err != nil || string(got) != "question" {
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
		})
	}
}

func TestLinksEnd(t *testing.T) {
	for name, d := range dialers(t) {
		for how, c := range map[string]struct {
			end  func(link, *net.TCPConn)
			want string
		}{
			"the server closes": {func(_ link, s *net.TCPConn) { s.Close() }, "tcp: closed by the server"},
			"the server resets": {func(_ link, s *net.TCPConn) {
				_ = s.SetLinger(0)
				s.Close()
			}, "tcp: connection reset by peer"},
			"the bot closes": {func(l link, _ *net.TCPConn) { l.Close() }, ""},
			"the bot refuses what it gets": {func(_ link, s *net.TCPConn) {
				_, _ = s.Write([]byte(nonsense))
			}, "tcp: enough"},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				link, ear, server := dialed(t, d)
				c.end(link, server)
				err := <-ear.end
				if got := reason(TCP, err); c.want != "" && got != c.want {
					t.Errorf("ended with %q, want %q", got, c.want)
				}
				if err := link.Send([]byte("late")); err == nil {
					t.Error("a link that has ended takes a frame")
				}
			})
		}
	}
}

// A server that does not read costs frames, whole ones, and never the bot's time.
func TestABusyLinkDropsWholeFrames(t *testing.T) {
	d, err := newTCPDialer(&route{})
	if err != nil {
		t.Fatal(err)
	}
	d.close()
	if _, waits := d.(streamDialer); waits {
		t.Skip("this system's links wait instead")
	}
	link, _, server := dialed(t, dialers(t)["this system's"])
	frame := wire.AppendFrame(nil, 3, make([]byte, 1000))
	taken := 0
	for range 1_000_000 {
		err := link.Send(frame)
		if errors.Is(err, errBusy) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		taken++
	}
	if err := link.Send(frame); !errors.Is(err, errBusy) {
		t.Fatalf("Send: %v after %d frames, want errBusy", err, taken)
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
		if got := reason(TCP, err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

func TestWebSocketRefusalsAreExplained(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	d := webSocketDialer{route: &route{servers: []string{strings.Replace(web.URL, "http", "ws", 1)}}, timeout: time.Minute}
	if _, err := d.dial(t.Context(), newEar()); err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("dial: %v, want the server's answer in it", err)
	}
	d.route.servers[0] = web.URL
	if _, err := d.dial(t.Context(), newEar()); err == nil {
		t.Error("a URL of another scheme is taken")
	}
}
