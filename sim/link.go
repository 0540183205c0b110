package sim

import (
	"errors"
	"io"
	"net/netip"
	"time"

	"aoiworld/net/wire"
)

// errCut is how a connection ends whose cable was cut.
var errCut = errors.New("connection reset")

// link is a connection between a simulated client and the server. It is a wire.Conn whose reader takes strict turns with
// the simulation: a frame is handed over, and the simulation goes on when it has been dealt with. So goroutines run, as in
// the real server, but never two at a time, and a seed replays exactly.
type link struct {
	room int // bytes that the client's side buffers before writes fall short

	in   chan wire.Frame // from the simulation to the reader
	turn chan struct{}   // from the reader: it waits for the next frame
	done chan struct{}   // closed when the session has ended
	end  error           // what Next returns when in is closed

	pipe  []byte    // sent by the server, not read by the client yet
	short time.Time // since when writes have not been taken whole; zero when the last one was
	shut  bool      // the server has said that nothing more will come
}

// newLink returns a link that buffers so many bytes.
func newLink(room int) *link {
	return &link{room: room, in: make(chan wire.Frame), turn: make(chan struct{}), done: make(chan struct{}), end: io.EOF}
}

// serve lives the session of the link's other side, as a frontend would, and returns when it waits for the first frame.
func (l *link) serve(accept wire.Accept) {
	go func() {
		defer close(l.done)
		for read := accept(l); read(); {
		}
	}()
	l.wait()
}

// wait returns when the session waits for a frame, or has ended.
func (l *link) wait() (alive bool) {
	select {
	case <-l.turn:
		return true
	case <-l.done:
		return false
	}
}

// send hands the session a frame and returns when it has been dealt with.
func (l *link) send(f wire.Frame) {
	l.in <- f
	l.wait()
}

// cut ends the link and returns when the session is gone.
func (l *link) cut(err error) {
	l.end = err
	close(l.in)
	<-l.done
}

// read takes up to n bytes that the server has sent.
func (l *link) read(n int) []byte {
	n = min(n, len(l.pipe))
	b := l.pipe[:n:n]
	l.pipe = l.pipe[n:]
	return b
}

// Next waits for the simulation's next frame.
func (l *link) Next() (wire.Frame, error) {
	if l.end != io.EOF {
		return wire.Frame{}, l.end
	}
	l.turn <- struct{}{}
	f, open := <-l.in
	if !open {
		if l.end == io.EOF {
			l.end = errCut
			return wire.Frame{}, io.EOF
		}
		return wire.Frame{}, l.end
	}
	return f, nil
}

// Writer returns the link itself.
func (l *link) Writer() wire.TryWriter { return l }

// TryWrite takes as much as there is room for.
func (l *link) TryWrite(b []byte) (int, error) {
	n := min(len(b), l.room-len(l.pipe))
	l.pipe = append(l.pipe, b[:n]...)
	if n == len(b) {
		l.short = time.Time{}
	} else if l.short.IsZero() {
		l.short = time.Now()
	}
	return n, nil
}

// behind returns for how long the server has had something that the link did not take.
func (l *link) behind(now time.Time) time.Duration {
	if l.short.IsZero() {
		return 0
	}
	return now.Sub(l.short)
}

// Shutdown notes that the server is done with the client.
func (l *link) Shutdown() error {
	l.shut = true
	return nil
}

// Framed reports false: a link is like a TCP connection.
func (l *link) Framed() bool { return false }

// AppendPing appends nothing: there is no ping.
func (l *link) AppendPing(dst []byte) []byte { return dst }

// AppendClose appends nothing: there is no close message.
func (l *link) AppendClose(dst []byte, _ uint16, _ string) []byte { return dst }

// OnControl is never called back: there is nothing to answer.
func (l *link) OnControl(func([]byte)) {}

// Activity reports a peer that has always just been heard.
func (l *link) Activity() wire.Activity { return wire.Activity{} }

// Close does nothing more.
func (l *link) Close() error { return nil }

// RemoteAddr returns a loopback address.
func (l *link) RemoteAddr() netip.AddrPort { return netip.MustParseAddrPort("127.0.0.1:1") }

// Transport says that it is in memory.
func (l *link) Transport() wire.Transport { return wire.Memory }
