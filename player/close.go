package player

import (
	"errors"
	"io"
	"strconv"

	"aoiworld/net/wire"
)

// CloseReason says why a session ended. The set is fixed: it labels metrics. The zero value is Open.
type CloseReason uint8

// The reasons for which a session ends.
const (
	// Open: it has not ended.
	Open CloseReason = iota
	// PeerLeft: the peer closed or the connection broke. There is nobody to tell.
	PeerLeft
	// Goodbye: one side ended the session in good order.
	Goodbye
	// ProtocolError: the peer broke the transport's own rules.
	ProtocolError
	// TextMessage: the peer sent a WebSocket text message.
	TextMessage
	// TooLarge: a frame declared a payload above the limit.
	TooLarge
	// Shutdown: the server is stopping.
	Shutdown
	// SlowConsumer: the client did not take a frame for Limits.SlowConsumer.
	SlowConsumer
	// Internal: the server's own fault, told in its log under an incident id.
	Internal
	// Heartbeat: nothing was heard of the client for too long.
	Heartbeat
	// FrameTimeout: a frame stayed unfinished for Limits.FrameTimeout.
	FrameTimeout
	// TooManyConnections: the server has no room for another session.
	TooManyConnections
	// Flood: the client sent more bytes than its budget allows.
	Flood
	// ProtocolAbuse: too many messages that are unknown or malformed.
	ProtocolAbuse
	// MoveAbuse: too many impossible or too fast moves.
	MoveAbuse
	// CloseReasons is how many there are.
	CloseReasons
)

// closing is one row of the table of close reasons.
type closing struct {
	code uint16
	name string
	// final means that the client should not come back; otherwise it may, after a back-off.
	final bool
	// silent means that no close message is sent: there is nobody to read it, or the transport has sent its own.
	silent bool
	text   string // for the client, at most 120 bytes, which leaves room for it in a control frame
}

// closings is the one table of close reasons. 4000-4499 invite to reconnect, 4500-4999 are final, below 4000 the
// numbers are those of RFC 6455, where 1006 stands for a connection that ended without a code and is never sent.
var closings = [CloseReasons]closing{
	Open:               {},
	PeerLeft:           {code: 1006, name: "PEER_LEFT", silent: true, text: "connection lost"},
	Goodbye:            {code: 1000, name: "GOODBYE", text: "goodbye"},
	ProtocolError:      {code: 1002, name: "PROTOCOL_ERROR", final: true, silent: true, text: "broken transport rules"},
	TextMessage:        {code: 1003, name: "TEXT", final: true, text: "only binary messages are understood"},
	TooLarge:           {code: 1009, name: "TOO_LARGE", final: true, text: "message too large"},
	Shutdown:           {code: 4001, name: "SHUTDOWN", text: "server is shutting down"},
	SlowConsumer:       {code: 4002, name: "SLOW_CONSUMER", text: "updates were not read in time"},
	Internal:           {code: 4003, name: "INTERNAL", text: "internal error"},
	Heartbeat:          {code: 4006, name: "HEARTBEAT", text: "nothing was heard for too long"},
	FrameTimeout:       {code: 4007, name: "FRAME_TIMEOUT", text: "message was not completed in time"},
	TooManyConnections: {code: 4008, name: "TOO_MANY_CONNECTIONS", text: "server is full"},
	Flood:              {code: 4009, name: "FLOOD", text: "too much was sent"},
	ProtocolAbuse:      {code: 4504, name: "PROTOCOL_ABUSE", final: true, text: "too many bad messages"},
	MoveAbuse:          {code: 4507, name: "MOVE_ABUSE", final: true, text: "too many impossible moves"},
}

// Code returns the number that the client is told (RFC 6455 section 7.4), 0 for Open.
func (r CloseReason) Code() uint16 { return r.row().code }

// String returns the reason's name, as in SLOW_CONSUMER.
func (r CloseReason) String() string { return r.row().name }

// Label returns the reason's metric label: its number in digits.
func (r CloseReason) Label() string { return strconv.Itoa(int(r.Code())) }

// Final reports whether the client should not come back; otherwise it may, after a back-off.
func (r CloseReason) Final() bool { return r.row().final }

// Text returns what the client is told in words, at most 120 bytes.
func (r CloseReason) Text() string { return r.row().text }

// row returns the reason's row of the table; a number that is no reason has an empty one.
func (r CloseReason) row() closing {
	if r >= CloseReasons {
		return closing{}
	}
	return closings[r]
}

// nextErrors says which error of wire.Conn's Next ends a session for which reason.
var nextErrors = []struct {
	err    error
	reason CloseReason
}{
	{wire.ErrTooLarge, TooLarge},
	{wire.ErrFlood, Flood},
	{wire.ErrText, TextMessage},
	{wire.ErrProtocol, ProtocolError},
	{wire.ErrClosed, Shutdown}, // by somebody below the session: its frontend goes down
}

// reasonOf returns why a session ends whose connection's Next returned err. A WebSocket peer says goodbye, which Next
// reports as the end of file, and a message that ends inside a frame is its mistake; a stream can only end, wherever it
// likes. Every other error means that the connection broke.
func reasonOf(err error, transport wire.Transport) CloseReason {
	for _, row := range nextErrors {
		if errors.Is(err, row.err) {
			return row.reason
		}
	}
	switch {
	case transport != wire.WebSocket:
		return PeerLeft
	case errors.Is(err, wire.ErrTruncated):
		return ProtocolAbuse
	case errors.Is(err, io.EOF):
		return Goodbye
	}
	return PeerLeft
}
