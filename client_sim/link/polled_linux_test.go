package link

import (
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// polledBy returns a link that a poller reads, a connection over the same socket, and the server's end.
func polledBy(t *testing.T, p *poller) (*ear, net.Conn, *net.TCPConn) {
	t.Helper()
	server, peers := acceptTCP(t)
	conn, err := net.Dial("tcp", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	ear := newEar()
	l, err := newPolledLink(conn, ear)
	if err == nil {
		err = p.add(l)
	}
	if err != nil {
		t.Fatal(err)
	}
	theirs := (<-peers).socket
	t.Cleanup(func() { theirs.Close() })
	return ear, conn, theirs
}

// TestWhoHasEndedIsNotReadAgain: a socket of which another descriptor is left goes on telling the poller what becomes of it, as
// when the server refuses a bot before the connection that its link was made of is closed.
func TestWhoHasEndedIsNotReadAgain(t *testing.T) {
	p, err := newPoller(false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	ear, conn, theirs := polledBy(t, p)
	other, _, others := polledBy(t, p)
	_ = theirs.CloseWrite()
	<-ear.end
	_ = theirs.SetLinger(0) // so that what follows is a reset, of which the poller is told
	theirs.Close()
	for err == nil { // until the reset is there
		_, err = conn.Write([]byte{0})
	}
	if _, err := others.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got := <-other.chunks; got != "hello" {
		t.Errorf("the poller goes on with %q", got)
	}
}

// TestWhoReadsPasses: a poller passes its processor on while it works.
func TestWhoReadsPasses(t *testing.T) {
	p, err := newPoller(false)
	if err != nil {
		t.Fatal(err)
	}
	ear, _, theirs := polledBy(t, p)
	if _, err := theirs.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	<-ear.chunks
	if p.close(); p.passed.IsZero() {
		t.Error("it never has")
	}
}

// TestPass: who waits for the processor of a poller gets it, once the poller has had it for its turn.
func TestPass(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var ran atomic.Bool
	go ran.Store(true)
	for tries := 0; tries < 100 && !ran.Load(); tries++ { // the scheduler may prefer the poller at times
		(&poller{}).pass()
	}
	if !ran.Load() {
		t.Error("it never did")
	}
	p := poller{passed: time.Now().Add(time.Hour)}
	before := p.passed
	if p.pass(); p.passed != before {
		t.Error("its turn had not ended")
	}
}
