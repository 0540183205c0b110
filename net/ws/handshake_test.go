package ws_test

import (
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/net/ws/wstest"
)

// status sends a request and returns the answer's status code, 0 if there is none, and its body.
func status(c *client, request string) (code int, body string) {
	_, _ = c.Write([]byte(request))
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, ""
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		return response.StatusCode, ""
	}
	b, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(b)
}

// with returns the request of a client without fault, but for what is replaced.
func with(old, replacement string) string {
	return strings.Replace(upgrade, old, replacement, 1) + "\r\n"
}

func TestRequests(t *testing.T) {
	for name, test := range map[string]struct {
		request string
		want    int
	}{
		"without fault":        {with("", ""), 101},
		"a browser's header":   {with("Connection: Upgrade", "Connection: keep-alive, Upgrade"), 101},
		"compression is asked": {with("\r\nUp", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\nUp"), 101},
		"another path":         {with("/ws", "/"), 404},
		"a path below":         {with("/ws", "/ws/x"), 404},
		"a plain GET":          {"GET /ws HTTP/1.1\r\nHost: game.example\r\n\r\n", 426},
		"HTTP/1.0":             {"GET /ws HTTP/1.0\r\n\r\n", 426},
		"POST":                 {"POST /ws HTTP/1.1\r\nHost: game.example\r\nContent-Length: 0\r\n\r\n", 405},
		"POST that upgrades":   {with("GET", "POST"), 405},
		"another protocol":     {with("Upgrade: websocket", "Upgrade: h2c"), 426},
		"version 8":            {with("Version: 13", "Version: 8"), 400},
		"no key":               {with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), 400},
		"a short key":          {with("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), 400},
		"no HTTP":              {"\x10\x00\x00\x00\x03\x00\x00\x00 this is a frame of TCP\r\n\r\n", 400},
		"no host":              {"GET /ws HTTP/1.1\r\n\r\n", 400},
		"6 KiB of header":      {with("\r\nUp", "\r\nX: "+strings.Repeat("x", 6<<10)+"\r\nUp"), 101},
		"9 KiB of header":      {with("\r\nUp", "\r\nX: "+strings.Repeat("x", 9<<10)+"\r\nUp"), 431},
		"32 KiB of header":     {with("\r\nUp", "\r\nX: "+strings.Repeat("x", 32<<10)+"\r\nUp"), 431},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, ws.Config{}, func(f *fixture) {
				c := dial(t, f)
				code, body := status(c, test.request)
				if code != test.want || code >= 400 && body == "" {
					t.Errorf("answered %d %q, want %d", code, body, test.want)
				}
				if code == 101 {
					_ = c.CloseWrite()
				}
				began := time.Now()
				if _, err := io.Copy(io.Discard, c); err != nil || time.Since(began) != 0 {
					t.Errorf("the connection ended after %v, %v", time.Since(began), err)
				}
				_ = c.Close()
				if want := test.want == 101; (len(f.conns) == 1) != want {
					t.Errorf("%d connections were accepted", len(f.conns))
				}
			})
		})
	}
}

func TestOrigin(t *testing.T) {
	allowed := []string{"https://friend.example", "partner.example:8443"}
	for origin, want := range map[string]int{
		"":                                                101, // no header at all: not a browser
		"Origin: http://game.example\r\n":                 101,
		"Origin: https://game.example\r\n":                101,
		"Origin: https://GAME.example\r\n":                101,
		"Origin: https://game.example:444\r\n":            403,
		"Origin: https://evil.example\r\n":                403,
		"Origin: https://game.example.evil\r\n":           403,
		"Origin: https://evil@game.example.io\r\n":        403,
		"Origin: null\r\n":                                403,
		"Origin: \r\n":                                    403,
		"Origin: %zz\r\n":                                 403,
		"Origin: file://\r\n":                             403,
		"Origin: https://friend.example\r\n":              101,
		"Origin: https://FRIEND.example\r\n":              101,
		"Origin: http://friend.example\r\n":               403, // another scheme is another origin
		"Origin: https://friend.example:8443\r\n":         403,
		"Origin: https://partner.example:8443\r\n":        101,
		"Origin: https://partner.example\r\n":             403,
		"Origin: http://x\r\nOrigin: http://y\r\n":        403,
		"Origin: http://game.example\r\nOrigin: null\r\n": 403,
	} {
		t.Run(origin, func(t *testing.T) {
			serve(t, ws.Config{AllowedOrigins: allowed}, func(f *fixture) {
				c := dial(t, f)
				if code, _ := status(c, upgrade+origin+"\r\n"); code != want {
					t.Errorf("answered %d, want %d", code, want)
				}
				_ = c.Close()
			})
		})
	}
}

// TestNullOriginWithoutHost: an old client that names no host is not of the same host as a page of none.
func TestNullOriginWithoutHost(t *testing.T) {
	serve(t, ws.Config{}, func(f *fixture) {
		c := dial(t, f)
		request := strings.Replace(with("Host: game.example", "Origin: null"), "HTTP/1.1", "HTTP/1.0", 1)
		if code, _ := status(c, request); code != 403 {
			t.Errorf("answered %d", code)
		}
		_ = c.Close()
	})
}

// TestSlowHandshake: half a header, or one that trickles, is closed after five seconds, not earlier.
func TestSlowHandshake(t *testing.T) {
	for name, trickle := range map[string]bool{"half a header": false, "a trickling header": true} {
		t.Run(name, func(t *testing.T) {
			serve(t, ws.Config{}, func(f *fixture) {
				c := dial(t, f)
				began := time.Now()
				c.write([]byte(upgrade[:40]))
				if trickle {
					go func() {
						for i := 40; i < len(upgrade); i++ {
							pause(time.Second)
							if _, err := c.Write([]byte{upgrade[i]}); err != nil {
								return
							}
						}
					}()
				}
				_, _ = io.Copy(io.Discard, c)
				if took := time.Since(began); took != 5*time.Second {
					t.Errorf("it was closed after %v", took)
				}
				_ = c.Close()
				pause(2 * time.Second)
			})
		})
	}
}

// TestSlowHandshakeThatSucceeds: the deadline of the handshake does not outlive it.
func TestSlowHandshakeThatSucceeds(t *testing.T) {
	serve(t, ws.Config{}, func(f *fixture) {
		c := dial(t, f)
		c.write([]byte(upgrade[:40]))
		pause(4900 * time.Millisecond)
		if code, _ := status(c, upgrade[40:]+"\r\n"); code != 101 {
			t.Fatalf("answered %d", code)
		}
		pause(time.Hour)
		c.write(message(wstest.Binary, hello))
		if first, payload, err := c.next(); err != nil || wstest.Words(first, payload) != echoed {
			t.Errorf("%s, %v", wstest.Words(first, payload), err)
		}
		_ = c.Close()
	})
}

// TestRefusal: who is not admitted is told so in HTTP, also if the request comes late, and holds no place.
func TestRefusal(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxConnections: 1})
	serve(t, ws.Config{Gate: gate}, func(f *fixture) {
		first := connect(t, f)
		second := dial(t, f)
		synctest.Wait()
		second.write([]byte(upgrade + "\r\n"))
		response, err := http.ReadResponse(second.in, nil)
		if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
			t.Errorf("answered %+v, %v", response, err)
		}
		if _, err := io.ReadAll(second.in); err != nil {
			t.Errorf("the answer ends with %v", err)
		}
		_ = second.Close()
		_ = first.Close()
		<-f.ended
		synctest.Wait()
		_ = connect(t, f).Close() // there is room again
	})
	if gate.Refused(wire.ServerFull) != 1 || gate.Live() != 0 {
		t.Errorf("%d refused, %d live", gate.Refused(wire.ServerFull), gate.Live())
	}
}

// TestManyRefusals: of a crowd that is turned away, a few are told, and all are gone within the lingering time; then the
// next few are.
func TestManyRefusals(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxPerAddress: 1})
	serve(t, ws.Config{Gate: gate}, func(f *fixture) {
		peer := netip.MustParseAddrPort("203.0.113.1:1")
		first, err := f.DialFrom(peer)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 2 {
			if told := crowd(t, f, peer); told < 10 || told > 40 {
				t.Errorf("round %d: %d of 100 were told", round, told)
			}
			pause(2 * time.Second)
		}
		_ = first.Close()
	})
	if gate.Refused(wire.AddressFull) != 200 {
		t.Errorf("%d refused", gate.Refused(wire.AddressFull))
	}
}

// crowd lets a hundred clients connect that are not admitted, and returns how many of them are told so.
func crowd(t *testing.T, f *fixture, peer netip.AddrPort) (told int) {
	t.Helper()
	clients := make([]*memnet.Conn, 100)
	for i := range clients {
		client, err := f.DialFrom(peer)
		if err != nil {
			t.Fatal(err)
		}
		clients[i] = client
	}
	for _, client := range clients {
		b, err := io.ReadAll(client)
		if err != nil {
			t.Error(err)
		}
		if strings.HasPrefix(string(b), "HTTP/1.1 503 ") {
			told++
		}
	}
	return told
}

// TestHandshakeReleases: a request that does not become a connection gives its place back.
func TestHandshakeReleases(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxConnections: 1})
	serve(t, ws.Config{Gate: gate}, func(f *fixture) {
		for i, request := range []string{with("/ws", "/"), upgrade + "Origin: null\r\n\r\n", "rubbish\r\n\r\n", with("", "")} {
			c := dial(t, f)
			if code, _ := status(c, request); code == 0 || code == 503 {
				t.Errorf("request %d: answered %d", i, code)
			}
			_ = c.CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
			pause(time.Second)
		}
	})
	if gate.Live() != 0 {
		t.Errorf("%d live", gate.Live())
	}
}
