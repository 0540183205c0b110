package entry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
)

// house is a Listener on a network in memory.
type house struct {
	*memnet.Listener
	entry  *Listener
	stats  *Stats
	gate   *wire.Gate
	client *tls.Config
}

// open runs a test against a Listener, in a bubble, which a goroutine that is left fails.
func open(t *testing.T, cfg Config, secure bool, test func(*house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{Listener: memnet.Listen(memnet.Config{}), stats: &Stats{}, gate: cfg.Gate}
		cfg.Stats = h.stats
		if secure {
			cfg.TLS, h.client = configs(t)
		}
		h.entry = NewListener(h.Listener, cfg, slog.New(slog.DiscardHandler))
		test(h)
		if err := h.entry.Close(); err != nil {
			t.Error(err)
		}
	})
}

// configs returns what a server and a client that trusts it need.
func configs(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	certificate, key, err := SelfSigned([]string{"game.example"}, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	return &tls.Config{Certificates: []tls.Certificate{pair}},
		&tls.Config{RootCAs: roots, ServerName: "game.example"}
}

// trusted is a network of proxies, and proxy an address in it; stranger is in none.
var (
	trusted  = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	proxy    = netip.MustParseAddrPort("192.0.2.9:1")
	stranger = netip.MustParseAddrPort("198.51.100.1:1")
)

const header = "PROXY TCP4 203.0.113.7 127.0.0.1 12345 9000\r\n"

// dial connects from an address, and says something.
func (h *house) dial(t testing.TB, from netip.AddrPort, says string) *memnet.Conn {
	t.Helper()
	conn, err := h.DialFrom(from)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, says); err != nil {
		t.Fatal(err)
	}
	return conn
}

// accept returns the next connection, which must come within no time.
func (h *house) accept(t testing.TB) net.Conn {
	t.Helper()
	began := time.Now()
	conn, err := h.entry.Accept()
	if err != nil || time.Since(began) != 0 {
		t.Fatalf("accepted after %v: %v", time.Since(began), err)
	}
	return conn
}

// says checks what comes out of a connection.
func says(t testing.TB, conn io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
}

// ends checks that the server closes a connection after a time.
func ends(t testing.TB, conn net.Conn, after time.Duration) {
	t.Helper()
	began := time.Now()
	_, _ = io.Copy(io.Discard, conn)
	if took := time.Since(began); took != after {
		t.Errorf("closed after %v, want %v", took, after)
	}
	_ = conn.Close()
}

// TestProxies: a trusted proxy's header is taken off and names the client; anybody else's is left where it is.
func TestProxies(t *testing.T) {
	for name, test := range map[string]struct {
		from                netip.AddrPort
		sends, address, out string
	}{
		"a trusted proxy":      {proxy, header + "hello", "203.0.113.7:12345", "hello"},
		"one of IPv6":          {netip.MustParseAddrPort("[2001:db8::1]:1"), header + "hello", "203.0.113.7:12345", "hello"},
		"one in mapped form":   {netip.MustParseAddrPort("[::ffff:192.0.2.1]:1"), header + "hello", "203.0.113.7:12345", "hello"},
		"one's health check":   {proxy, "PROXY UNKNOWN\r\nhello", "192.0.2.9:1", "hello"},
		"two headers":          {proxy, header + header, "203.0.113.7:12345", header},
		"a stranger":           {stranger, "hello", "198.51.100.1:1", "hello"},
		"a stranger's header":  {stranger, header + "hello", "198.51.100.1:1", header + "hello"},
		"a neighbour's header": {netip.MustParseAddrPort("192.0.3.0:1"), header, "192.0.3.0:1", header},
	} {
		t.Run(name, func(t *testing.T) {
			open(t, Config{Trusted: trusted}, false, func(h *house) {
				client := h.dial(t, test.from, test.sends)
				conn := h.accept(t)
				if got := wire.AddrPortOf(conn.RemoteAddr()).String(); got != test.address {
					t.Errorf("the client is %s, want %s", got, test.address)
				}
				says(t, conn, test.out)
				_, _ = client.Close(), conn.Close()
			})
		})
	}
}

// TestBadProxies: a trusted proxy that sends no header, or a bad one, or none in time, is closed.
func TestBadProxies(t *testing.T) {
	for name, test := range map[string]struct {
		sends string
		after time.Duration
	}{
		"nothing":         {"", patience},
		"half a header":   {header[:20], patience},
		"half in binary":  {binaryHeader(0x21, 0x11, v4)[:20], patience},
		"another request": {"GET /ws HTTP/1.1\r\n\r\n", 0},
		"a bad header":    {"PROXY TCP4 what is this here\r\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			open(t, Config{Trusted: trusted}, false, func(h *house) {
				bad := h.dial(t, proxy, test.sends)
				good := h.dial(t, proxy, header)
				_ = h.accept(t).Close() // the other is not held up
				ends(t, bad, test.after)
				if n := h.stats.Failed(BadProxy); n != 1 {
					t.Errorf("%d failures were counted", n)
				}
				_ = good.Close()
			})
		})
	}
}

// TestHandshake: behind the header there is TLS, and behind that the client.
func TestHandshake(t *testing.T) {
	for name, before := range map[string]string{"alone": "", "behind a proxy": header} {
		t.Run(name, func(t *testing.T) {
			open(t, Config{Trusted: trusted}, true, func(h *house) {
				from := map[string]netip.AddrPort{"": stranger, header: proxy}[before]
				below := h.dial(t, from, before)
				client := tls.Client(below, h.client)
				go func() { _, _ = io.WriteString(client, "hello") }()
				conn := h.accept(t)
				says(t, conn, "hello")
				if got := wire.AddrPortOf(conn.RemoteAddr()); (got == from) != (before == "") {
					t.Errorf("the client is %s", got)
				}
				synctest.Wait() // until what TLS says of its own is through: nothing is taken meanwhile
				if n, err := conn.(wire.TryWriter).TryWrite([]byte("welcome")); n != 7 || err != nil {
					t.Errorf("%d, %v", n, err)
				}
				says(t, client, "welcome")
				<-time.After(2 * patience) // virtual: the deadline was the handshake's
				if _, err := io.WriteString(client, "still here"); err != nil {
					t.Error(err)
				}
				says(t, conn, "still here")
				_, _ = conn.Close(), below.Close()
			})
		})
	}
}

// TestBadHandshakes: who stalls is closed after five seconds, who does not speak TLS at once; neither holds up others.
func TestBadHandshakes(t *testing.T) {
	for name, test := range map[string]struct {
		sends string
		after time.Duration
	}{
		"nothing":                {"", patience},
		"a byte":                 {"\x16", patience},
		"a record that dawdles":  {"\x16\x03\x01\x01\x00\x01\x00", patience},
		"a request":              {"GET /ws HTTP/1.1\r\n\r\n", 0},
		"a frame":                {"\x05\x00\x00\x00\x03\x00\x00\x00hello", 0},
		"a stranger's header":    {header, 0},
		"an alert":               {"\x15\x03\x01\x00\x02\x02\x28", 0},
		"a record of 64 KiB":     {"\x16\x03\x01\xff\xff", 0},
		"a hello that is broken": {"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			open(t, Config{Trusted: trusted}, true, func(h *house) {
				bad := h.dial(t, stranger, test.sends)
				good := tls.Client(h.dial(t, stranger, ""), h.client)
				go func() { _, _ = io.WriteString(good, "hello") }()
				conn := h.accept(t)
				says(t, conn, "hello")
				ends(t, bad, test.after)
				if n := h.stats.Failed(BadHandshake); n != 1 {
					t.Errorf("%d failures were counted", n)
				}
				_, _ = conn.Close(), good.NetConn().Close()
			})
		})
	}
}

// TestOldVersions: a client of TLS 1.1 does not get in.
func TestOldVersions(t *testing.T) {
	for version, good := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		synctest.Test(t, func(t *testing.T) {
			server, client := configs(t)
			pair := server.Certificates[0]
			certificates := &Certificates{}
			certificates.current.Store(&pair)
			client.MinVersion, client.MaxVersion, client.NextProtos = version, version, []string{"h2", "http/1.1"}
			l := memnet.Listen(memnet.Config{})
			e := NewListener(l, Config{TLS: certificates.TLS("http/1.1")}, slog.New(slog.DiscardHandler))
			below, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			go func() { // hands over a connection, or is closed
				if conn, err := e.Accept(); err == nil {
					_ = conn.(*secured).CloseWrite()
				}
			}()
			conn := tls.Client(below, client)
			if err := conn.Handshake(); (err == nil) != good || good && conn.ConnectionState().NegotiatedProtocol != "http/1.1" {
				t.Errorf("version %x: %v, protocol %q", version, err, conn.ConnectionState().NegotiatedProtocol)
			}
			_, _ = below.Close(), e.Close()
		})
	}
}

// TestGate: who may not come in is closed before the handshake, counted at the client's own address; and a place is given
// back when the connection or the handshake ends.
func TestGate(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxPerAddress: 1})
	open(t, Config{Trusted: trusted, Gate: gate}, true, func(h *house) {
		stalled := h.dial(t, proxy, header)
		synctest.Wait()
		ends(t, h.dial(t, proxy, header), 0) // the same client, while the first is shaking hands
		other := h.dial(t, proxy, "PROXY TCP4 203.0.113.8 127.0.0.1 12345 9000\r\n")
		synctest.Wait()
		if gate.Live() != 2 || gate.Refused(wire.AddressFull) != 1 {
			t.Errorf("%d live, %d refused", gate.Live(), gate.Refused(wire.AddressFull))
		}
		ends(t, stalled, patience)
		_ = other.Close()
		synctest.Wait()
		client := tls.Client(h.dial(t, proxy, header), h.client)
		go func() { _ = client.Handshake() }()
		conn := h.accept(t)
		if gate.Live() != 1 {
			t.Errorf("%d live", gate.Live())
		}
		_, _ = conn.Close(), conn.Close()
		_ = client.NetConn().Close()
		if gate.Live() != 0 {
			t.Errorf("%d live", gate.Live())
		}
	})
}

// TestCrowd: no more than a fixed number are on their way in; more are closed at once, and others get in afterwards.
func TestCrowd(t *testing.T) {
	open(t, Config{Trusted: trusted}, false, func(h *house) {
		stalled := make([]*memnet.Conn, maxEntering)
		for i := range stalled {
			stalled[i] = h.dial(t, proxy, "")
		}
		synctest.Wait()
		ends(t, h.dial(t, proxy, header), 0)
		passing := h.dial(t, stranger, "hello") // who has nothing to do is not on its way
		conn := h.accept(t)
		says(t, conn, "hello")
		for _, c := range stalled {
			_ = c.Close()
		}
		synctest.Wait()
		late := h.dial(t, proxy, header)
		_ = h.accept(t).Close()
		if n := h.stats.Failed(Crowded); n != 1 {
			t.Errorf("%d were too many", n)
		}
		_, _, _ = conn.Close(), passing.Close(), late.Close()
	})
}

// TestClose: whoever is on its way in, or waits to be accepted, is cut; those that were accepted go on.
func TestClose(t *testing.T) {
	open(t, Config{Trusted: trusted}, false, func(h *house) {
		accepted := h.dial(t, proxy, header)
		conn := h.accept(t)
		stalled, waiting := h.dial(t, proxy, header[:9]), h.dial(t, proxy, header)
		synctest.Wait()
		if err := h.entry.Close(); err != nil {
			t.Error(err)
		}
		ends(t, stalled, 0)
		ends(t, waiting, 0)
		for range 2 {
			if _, err := h.entry.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Accept: %v", err)
			}
		}
		if _, err := io.WriteString(accepted, "hello"); err != nil {
			t.Error(err)
		}
		says(t, conn, "hello")
		_, _ = accepted.Close(), conn.Close()
	})
}
