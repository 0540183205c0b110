package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	goclient "aoiworld/client"
	"aoiworld/client_sim/bot"
	"aoiworld/conf"
	"aoiworld/net/entry"
)

// playerListeners are the keys of all listeners that players come in by.
var playerListeners = []string{conf.ClassicAddress, conf.NativeAddress, conf.WebSocketAddress}

// certified writes a certificate for 127.0.0.1 with its key, and returns the settings that use it, its file, and the
// configuration of clients that trust it.
func certified(t testing.TB) (sets []string, file string, trusting *tls.Config) {
	t.Helper()
	certificate, key, err := entry.SelfSigned([]string{"127.0.0.1"}, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	file = filepath.Join(folder, "cert.pem")
	for name, content := range map[string][]byte{file: certificate, filepath.Join(folder, "key.pem"): key} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return []string{"net.tls.cert_file=" + file, "net.tls.key_file=" + filepath.Join(folder, "key.pem")}, file, &tls.Config{RootCAs: roots}
}

// plainClient is a client of the classic dialect on a connection.
func plainClient(t testing.TB, conn net.Conn) *client {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &client{t: t, conn: conn}
}

// isTimeout reports whether nothing has come in time.
func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// TestTLS: players of both dialects and transports come in under TLS, and nobody without; the Go client among them.
func TestTLS(t *testing.T) {
	sets, _, trusting := certified(t)
	m := start(t, sets...)
	address := func(key string) string { return m.Addresses()[key].String() }
	conn, err := tls.Dial("tcp", address(conf.ClassicAddress), trusting)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := plainClient(t, conn)
	id := c.join()
	for _, server := range []string{"tls://" + address(conf.NativeAddress), "wss://" + address(conf.WebSocketAddress) + "/ws"} {
		native, err := goclient.Dial(t.Context(), goclient.Config{Server: server, TLS: trusting, Retry: -1})
		if err != nil {
			t.Fatalf("%s: %v", server, err)
		}
		native.Close()
	}
	c.move(170, 140)
	c.await(id, 170, 140)
	for _, key := range playerListeners {
		plain, err := net.Dial("tcp", address(key))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(plain, "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
		_ = plain.SetReadDeadline(time.Now().Add(patience))
		if b, err := io.ReadAll(plain); strings.Contains(string(b), "HTTP/1.1 ") && !strings.Contains(string(b), "400") || isTimeout(err) {
			t.Errorf("%s answers in plain text: %q, %v", key, b, err)
		}
		_ = plain.Close()
	}
}

// TestBotsUnderTLS is the oracle of client_sim over TLS, in both dialects and transports.
func TestBotsUnderTLS(t *testing.T) {
	sets, file, _ := certified(t)
	for _, transport := range []string{bot.TCP, bot.WebSocket} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			m := start(t, sets...)
			run := bot.Defaults()
			run.Bots, run.Motion, run.TickRate, run.CAFile = 40, bot.Cross, 60, file
			run.Duration, run.Round, run.Churn, run.Verify = 1500*time.Millisecond, 500*time.Millisecond, 8, true
			at(&run, m, transport, bot.Both)
			if transport == bot.TCP {
				run.Server, run.ClassicServer = "tls://"+run.Server, "tls://"+run.ClassicServer
			} else {
				run.Server = "wss://" + run.Server + "/ws"
			}
			play(t, run, 3)
		})
	}
}

// TestBehindProxy: clients of a trusted proxy count at their own addresses, on every listener, with and without TLS.
func TestBehindProxy(t *testing.T) {
	secure, _, trusting := certified(t)
	for name, sets := range map[string][]string{"plain": nil, "under TLS": secure} {
		t.Run(name, func(t *testing.T) {
			m := start(t, append(sets, "net.proxy.trusted=127.0.0.0/8", "limits.connections_per_ip=1")...)
			dial := func(key, from string) (net.Conn, error) {
				conn, err := net.Dial("tcp", m.Addresses()[key].String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = conn.Close() })
				_ = conn.SetDeadline(time.Now().Add(patience))
				if _, err := io.WriteString(conn, "PROXY TCP4 "+from+" 127.0.0.1 1 2\r\n"); err != nil || sets == nil {
					return conn, err
				}
				under := tls.Client(conn, &tls.Config{RootCAs: trusting.RootCAs, ServerName: "127.0.0.1"})
				return under, under.Handshake()
			}
			first, err := dial(conf.ClassicAddress, "203.0.113.1")
			if err != nil {
				t.Fatal(err)
			}
			plainClient(t, first).join()
			for _, key := range playerListeners {
				conn, err := dial(key, "203.0.113.1") // the same once more
				if err == nil {
					_, err = io.ReadFull(conn, make([]byte, 1))
				}
				if key == conf.WebSocketAddress && sets == nil && err == nil {
					continue // it is told why, in HTTP
				}
				if err == nil || isTimeout(err) {
					t.Errorf("%s takes a second one: %v", key, err)
				}
			}
			second, err := dial(conf.ClassicAddress, "203.0.113.2")
			if err != nil {
				t.Fatal(err)
			}
			plainClient(t, second).join()
		})
	}
}

// TestEntryIsCounted: who does not get in shows in the metrics, with a reason.
func TestEntryIsCounted(t *testing.T) {
	m := start(t, "net.proxy.trusted=127.0.0.0/8")
	conn, err := net.Dial("tcp", m.Addresses()[conf.NativeAddress].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "no header, but something else\r\n")
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadAll(conn); isTimeout(err) {
		t.Error("it was not closed")
	}
	response, err := http.Get("http://" + m.Addresses()[conf.OpsAddress].String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if !strings.Contains(string(text), `aoiworld_connections_refused_total{reason="bad_proxy_header"} 1`) {
		t.Error("it is not in the metrics")
	}
}

// TestForeignPages: Origin is checked under TLS as it is without.
func TestForeignPages(t *testing.T) {
	sets, _, trusting := certified(t)
	m := start(t, sets...)
	d := websocket.Dialer{TLSClientConfig: trusting}
	for origin, want := range map[string]int{"https://evil.example": 403, "null": 403, "https://" + m.Addresses()[conf.WebSocketAddress].String(): 101} {
		conn, response, err := d.Dial("wss://"+m.Addresses()[conf.WebSocketAddress].String()+"/ws", http.Header{"Origin": {origin}})
		if response == nil || response.StatusCode != want {
			t.Errorf("%s: %v, %+v", origin, err, response)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
}
