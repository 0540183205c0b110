package entry

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"aoiworld/net/wire"
)

// secured is a connection under TLS. TryWrite never waits, as wire.TryWriter asks; Write does, for net/http closes right behind
// the last one.
type secured struct {
	*tls.Conn
	below   *spill
	release func()
}

// secure returns a connection that is about to shake hands. It calls release when it is closed.
func secure(conn net.Conn, cfg *tls.Config, release func()) *secured {
	below := &spill{Conn: conn, out: wire.NonBlocking(conn)}
	return &secured{Conn: tls.Server(below, cfg), below: below, release: release}
}

// TryWrite takes b whole, or nothing of it while there is something encrypted that the kernel has not taken.
func (s *secured) TryWrite(b []byte) (int, error) {
	if full, err := s.below.full(); full || err != nil || len(b) == 0 {
		return 0, err
	}
	return s.encrypt(b)
}

// encrypt has TLS write b, which is not an answer of its own.
func (s *secured) encrypt(b []byte) (int, error) {
	s.below.asked.Store(true)
	defer s.below.asked.Store(false)
	return s.Conn.Write(b)
}

// Taken returns how many bytes have come since it was asked last, with all that TLS puts around what they carry. A wire.Link
// charges it. It belongs to whoever reads.
func (s *secured) Taken() (n int) {
	n, s.below.taken = s.below.taken, 0
	return n
}

// Write writes b, and waits until the kernel has taken it, or the write deadline is over.
func (s *secured) Write(b []byte) (int, error) {
	if _, err := s.encrypt(b); err != nil {
		return 0, err
	}
	if err := s.below.wait(); err != nil {
		return 0, err
	}
	return len(b), nil
}

// SetDeadline sets both deadlines.
func (s *secured) SetDeadline(t time.Time) error { return s.below.Conn.SetDeadline(t) }

// SetWriteDeadline is for Write. It must not be used beside TryWrite.
func (s *secured) SetWriteDeadline(t time.Time) error { return s.below.Conn.SetWriteDeadline(t) }

// Close closes the connection at once. Who wants an orderly end has called CloseWrite.
func (s *secured) Close() error {
	s.release()
	return s.below.Close()
}

// maxAnswers is how many bytes of TLS's own answers may wait behind a rest: some hundred and fifty of them.
const maxAnswers = 4 << 10

// errAnswers says that a peer reads no answers.
var errAnswers = errors.New("answers of TLS are not read")

// spill is what is below TLS: a connection whose writes never wait. What the kernel does not take at once is written by a
// goroutine that lives for as long as there is something; since TryWrite takes nothing meanwhile, that is the rest of one
// frame and what TLS answers at most. A peer can have it answer as often as it likes, by changes of keys (RFC 8446 section
// 4.6.3), so one that reads no answers is cut.
type spill struct {
	net.Conn
	out   wire.TryWriter // nil where there is nothing but to block
	asked atomic.Bool    // what is written now is not an answer of TLS's own
	taken int            // bytes that were read; whoever reads has it

	mu   sync.Mutex
	rest []byte        // being written, if it is not nil
	more []byte        // to be written after it
	idle chan struct{} // closed when there is no rest any more
	err  error         // the first failure; nothing is taken after it

	answers int // bytes of TLS's own in more
}

// Read reads, and counts.
func (s *spill) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.taken += n
	return n, err
}

// Write takes all of b.
func (s *spill) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	if s.rest != nil {
		return s.add(b)
	}
	n := 0
	if s.out != nil {
		if n, s.err = s.out.TryWrite(b); s.err != nil {
			return n, s.err
		}
	}
	if n < len(b) {
		s.rest, s.idle = bytes.Clone(b[n:]), make(chan struct{})
		go s.drain(s.rest)
	}
	return len(b), nil
}

// add takes b behind the rest. The lock is held.
func (s *spill) add(b []byte) (int, error) {
	if !s.asked.Load() {
		s.answers += len(b)
	}
	if s.answers > maxAnswers {
		s.err = errAnswers
		_ = s.Conn.Close() // who reads it finds out
		return 0, s.err
	}
	s.more = append(s.more, b...)
	return len(b), nil
}

// full reports whether there is a rest, and what has failed.
func (s *spill) full() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rest != nil, s.err
}

// drain writes a rest, and what is added meanwhile.
func (s *spill) drain(rest []byte) {
	for rest != nil {
		_, err := s.Conn.Write(rest)
		rest = s.next(err)
	}
}

// next returns what is to be written now, after a write has ended in err.
func (s *spill) next(err error) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rest, s.more, s.answers = s.more, nil, 0; err != nil {
		s.rest, s.err = nil, err
	}
	if s.rest == nil {
		close(s.idle)
	}
	return s.rest
}

// wait waits until there is no rest, and returns what has failed.
func (s *spill) wait() error {
	s.mu.Lock()
	idle := s.idle
	s.mu.Unlock()
	if idle != nil {
		<-idle
	}
	_, err := s.full()
	return err
}

// SetWriteDeadline does nothing: TLS sets one behind which it writes nothing more, and what it has written is still on its way.
func (s *spill) SetWriteDeadline(time.Time) error { return nil }
