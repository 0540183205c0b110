package player

import (
	"errors"
	"io"
	"strconv"

	"aoiworld/net/codes"
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
	// Kicked: a moderator has removed the player.
	Kicked
	// ProtocolAbuse: too many messages that are unknown or malformed.
	ProtocolAbuse
	// Banned: a moderator has banned whoever it is.
	Banned
	// MoveAbuse: too many impossible or too fast moves.
	MoveAbuse
	// TokenExpired: the access token under which the session began, or was to begin, is out of its time.
	TokenExpired
	// Unauthenticated: the login was not accepted.
	Unauthenticated
	// HelloTimeout: a client of the native dialect has not said Hello for Limits.HelloTimeout.
	HelloTimeout
	// Replaced: another connection goes on as the session's player.
	Replaced
	// WrongVersion: no version of the native dialect is spoken by both sides.
	WrongVersion
	// CloseReasons is how many there are.
	CloseReasons
)

// closings gives each reason its row of the table of closes. Silent ones send no close message: there is nobody to read it, or
// the transport has sent its own.
var closings = [CloseReasons]struct {
	code   codes.Close
	silent bool
}{
	PeerLeft:           {code: codes.ClosePeerLeft, silent: true},
	Goodbye:            {code: codes.CloseGoodbye},
	ProtocolError:      {code: codes.CloseProtocolError, silent: true},
	TextMessage:        {code: codes.CloseText},
	TooLarge:           {code: codes.CloseTooLarge},
	Shutdown:           {code: codes.CloseShutdown},
	SlowConsumer:       {code: codes.CloseSlowConsumer},
	Internal:           {code: codes.CloseInternal},
	Heartbeat:          {code: codes.CloseHeartbeat},
	FrameTimeout:       {code: codes.CloseFrameTimeout},
	TooManyConnections: {code: codes.CloseTooManyConnections},
	Flood:              {code: codes.CloseFlood},
	Kicked:             {code: codes.CloseKicked},
	ProtocolAbuse:      {code: codes.CloseProtocolAbuse},
	Banned:             {code: codes.CloseBanned},
	MoveAbuse:          {code: codes.CloseMoveAbuse},
	TokenExpired:       {code: codes.CloseTokenExpired},
	Unauthenticated:    {code: codes.CloseUnauthenticated},
	HelloTimeout:       {code: codes.CloseAuthTimeout},
	Replaced:           {code: codes.CloseReplaced},
	WrongVersion:       {code: codes.CloseVersion},
}

// Code returns the number that the client is told (RFC 6455 section 7.4), 0 for Open.
func (r CloseReason) Code() uint16 { return uint16(r.row().Code) }

// String returns the reason's name, as in SLOW_CONSUMER.
func (r CloseReason) String() string { return r.row().Name }

// Label returns the reason's metric label: its number in digits.
func (r CloseReason) Label() string { return strconv.Itoa(int(r.Code())) }

// Final reports whether the client should not come back; otherwise it may, after a back-off.
func (r CloseReason) Final() bool { return r.row().Code.Final() }

// Text returns what the client is told in words, at most 120 bytes.
func (r CloseReason) Text() string { return r.row().Text }

// resumable reports whether the client may go on as the same player: its connection was lost, and nothing was wrong; or it has
// to prove anew who it is.
func (r CloseReason) resumable() bool {
	return r == PeerLeft || r == SlowConsumer || r == Heartbeat || r == FrameTimeout || r == TokenExpired
}

// silent reports whether no close message is sent.
func (r CloseReason) silent() bool { return r < CloseReasons && closings[r].silent }

// row returns the reason's row of the table of closes; a number that is no reason has an empty one.
func (r CloseReason) row() codes.CloseRow {
	if r >= CloseReasons {
		return codes.CloseRow{}
	}
	return closings[r].code.Row()
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
	{wire.ErrAway, PeerLeft},
	{wire.ErrClosed, Shutdown}, // by somebody below the session: its frontend goes down
}

// reasonOf returns why a session ends whose connection's Next returned err. A WebSocket peer says goodbye, which Next
// reports as the end of file, unless it means to come back, and a message that ends inside a frame is its mistake; a stream
// can only end, wherever it likes. Every other error means that the connection broke.
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
