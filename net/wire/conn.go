package wire

import (
	"errors"
	"net/netip"
	"time"
)

// Transport names how a client is connected. The set is fixed: it labels metrics.
type Transport uint8

// The transports.
const (
	TCP Transport = iota
	WebSocket
	Memory
	Transports // how many there are
)

// String returns the transport's metric label.
func (t Transport) String() string {
	return [...]string{"tcp", "ws", "mem", "?"}[min(t, Transports)]
}

// Errors with which Next ends, beside the frame format's own and the operating system's.
var (
	// ErrNothing: nothing more has arrived, of a connection that never waits. It may be asked again once it is readable.
	ErrNothing = errors.New("nothing has arrived")
	// ErrClosed: the connection was shut down or closed by this side.
	ErrClosed = errors.New("connection closed")
	// ErrFlood: the peer sent more bytes than its budget allows.
	ErrFlood = errors.New("byte budget exceeded")
	// ErrProtocol: the peer broke the transport's own rules (RFC 6455); the transport has queued the close that says so.
	ErrProtocol = errors.New("transport protocol error")
	// ErrText: the peer sent a WebSocket text message; only binary ones carry frames.
	ErrText = errors.New("text message")
	// ErrAway: the peer has closed, and means to come back.
	ErrAway = errors.New("peer goes away")
)

// Conn is one client's connection: frames come in, bytes go out.
//
// Next belongs to whoever reads, one at a time. The Writer belongs to whoever holds the session's outbox lock. Shutdown, Close
// and the read-only methods may be called from anywhere.
type Conn interface {
	// Next returns the next whole frame, whose payload is valid until the next call. It waits for one, or fails with
	// ErrNothing where the connection never waits; no other error may be followed by another call, but after Shutdown: then
	// it discards what still arrives and returns ErrClosed once the peer has closed too, or the lingering limits are
	// reached.
	Next() (Frame, error)

	// Framed reports in which of their forms the transport carries packets: see Packet.Bytes. It is always the same.
	Framed() bool
	// Writer returns what hands bytes to the kernel: the same one, from when the connection is taken in.
	Writer() TryWriter

	// AppendPing appends the transport's own ping, or nothing where there is none.
	AppendPing(dst []byte) []byte
	// AppendClose appends the transport's closing message with code and reason (at most 123 bytes), or nothing where
	// there is none.
	AppendClose(dst []byte, code uint16, reason string) []byte
	// OnControl names the function that takes what the transport itself must answer (pongs, close echoes): whole
	// messages, to be written between packets. The bytes are the function's to keep. It is set once, before the first
	// Next, and called by Next only.
	OnControl(func(b []byte))

	// Activity tells when the peer was last heard and since when it has been inside an unfinished frame.
	Activity() Activity
	// Shutdown ends the outgoing side after what was written, and lets Next linger (at most 64 KiB or 1 s) so that the
	// peer can read what was sent before the kernel resets the connection.
	Shutdown() error
	// Close releases the connection at once. It may be called more than once.
	Close() error

	RemoteAddr() netip.AddrPort
	Transport() Transport
}

// Accept takes a new connection in. What it returns takes in what has arrived, and reports whether more may come; after false
// the connection is closed. Where the connection waits, so does it. It is called by one goroutine at a time.
type Accept func(Conn) (read func() (more bool))

// Activity is what a periodic check needs to find dead and dawdling peers.
type Activity struct {
	// LastHeard is when bytes last arrived.
	LastHeard time.Time
	// FrameSince is when the first byte of a frame arrived that is still incomplete, or zero between frames.
	FrameSince time.Time
	// Pings reports whether the transport answers AppendPing's message, so that silence means death.
	Pings bool
}
