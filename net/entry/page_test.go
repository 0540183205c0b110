package entry

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
)

// pages runs a test with a client, who has asked for a page, of a server that takes so long to give up and closes behind what it
// writes.
func pages(t *testing.T, page []byte, patience time.Duration, test func(client *tls.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen(memnet.Config{Capacity: 4096})
		forServer, forClient := configs(t)
		server := &http.Server{
			Handler:      http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) }),
			WriteTimeout: patience,
		}
		server.SetKeepAlivesEnabled(false)
		go func() { _ = server.Serve(NewListener(l, Config{TLS: forServer}, slog.New(slog.DiscardHandler))) }()
		dialled, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		client := tls.Client(dialled, forClient)
		if _, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: game.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		test(client)
		_, _ = dialled.Close(), server.Close()
	})
}

// TestPagesWhole: who asks for a page and reads late gets all of it, though the server closes behind it.
func TestPagesWhole(t *testing.T) {
	page := bytes.Repeat([]byte("0123456789abcdef"), 16<<10) // 256 KiB
	pages(t, page, 5*time.Second, func(client *tls.Conn) {
		<-time.After(2 * time.Second)
		answer, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(answer.Body); !bytes.Equal(got, page) || err != nil {
			t.Errorf("read %d bytes, %v; want %d", len(got), err, len(page))
		}
	})
}

// TestPagesNotTaken: who asks for a page and does not read is given up.
func TestPagesNotTaken(t *testing.T) {
	const patience = 5 * time.Second
	pages(t, make([]byte, 64<<10), patience, func(client *tls.Conn) {
		<-time.After(patience)
		synctest.Wait()
		if got, _ := io.ReadAll(client.NetConn()); len(got) > 4096 {
			t.Errorf("read %d bytes", len(got))
		}
	})
}
