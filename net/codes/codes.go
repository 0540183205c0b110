// Package codes is the one table of what a client is told by number: the errors of the native dialect, why connections end, and
// by which limits. pb/native/codes.proto, the Limits in native.proto and docs/codes.md are written from it:
// go test ./net/codes -update, and then go generate ./pb.
package codes

// Error says what was wrong with a message. 0 is none.
type Error uint16

// Close says why a connection ended. 4000 to 4499 invite to come back after a back-off, 4500 to 4999 are final, below 4000 the
// numbers are those of RFC 6455, where 1006 stands for a connection that ended without a code and is never sent.
type Close uint16

// The errors.
const (
	Malformed          Error = 1001
	TooLarge           Error = 1002
	UnknownType        Error = 1003
	BadState           Error = 1004
	Timeout            Error = 1005
	RateLimited        Error = 1006
	UnsupportedVersion Error = 1007
	Unauthenticated    Error = 1101
	TokenExpired       Error = 1102
	Banned             Error = 1105
	ResumeFailed       Error = 1107
	Forbidden          Error = 1108
	BadPosition        Error = 1201
	MoveRejected       Error = 1202
	Teleported         Error = 1203
	ChatInvalid        Error = 1301
	ChatRate           Error = 1302
	NameInvalid        Error = 1303
	ServerBusy         Error = 2001
	Draining           Error = 2002
	Internal           Error = 2003
)

// The closes.
const (
	CloseGoodbye            Close = 1000
	CloseProtocolError      Close = 1002
	CloseText               Close = 1003
	ClosePeerLeft           Close = 1006
	CloseTooLarge           Close = 1009
	CloseShutdown           Close = 4001
	CloseSlowConsumer       Close = 4002
	CloseInternal           Close = 4003
	CloseHeartbeat          Close = 4006
	CloseFrameTimeout       Close = 4007
	CloseTooManyConnections Close = 4008
	CloseFlood              Close = 4009
	CloseTokenExpired       Close = 4010
	CloseUnauthenticated    Close = 4501
	CloseAuthTimeout        Close = 4502
	CloseKicked             Close = 4503
	CloseProtocolAbuse      Close = 4504
	CloseBanned             Close = 4505
	CloseReplaced           Close = 4506
	CloseMoveAbuse          Close = 4507
	CloseVersion            Close = 4508
)

// ErrorRow is what there is to know of an error.
type ErrorRow struct {
	Code Error
	Name string
	Text string // for the client, at most 120 bytes
}

// CloseRow is what there is to know of a close.
type CloseRow struct {
	Code Close
	Name string
	Text string // for the client, at most 120 bytes, which leaves room for it in a control frame
	// Error is the error that a client of the native dialect is told before the close, or 0.
	Error Error
}

// LimitRow is what there is to know of a limit that a client is told in its Welcome: a field of the message Limits.
type LimitRow struct {
	Number int    // of the field
	Name   string // of the field
	Type   string // of the field
	Text   string // in what it counts, and what it is of
	Error  Error  // what a client is told that goes beyond it, or 0
	Close  Close  // how the connection ends of who goes beyond it, or 0
}

// Errors returns the table of errors, by rising number.
func Errors() []ErrorRow { return errorRows[:] }

// Closes returns the table of closes, by rising number.
func Closes() []CloseRow { return closeRows[:] }

// Limits returns the table of limits that clients are told, by rising number.
func Limits() []LimitRow { return limitRows[:] }

var limitRows = [...]LimitRow{
	{1, "max_payload", "uint32", "bytes of a message to the server", 0, CloseTooLarge},
	{2, "bytes_per_second", "uint32", "bytes to the server, everything counted", 0, CloseFlood},
	{3, "chat_bytes", "uint32", "bytes of a text", ChatInvalid, 0},
	{4, "chats_per_second", "double", "chats to the server", ChatRate, 0},
	{5, "max_speed", "double", "world units a second", MoveRejected, 0},
}

var errorRows = [...]ErrorRow{
	{Malformed, "MALFORMED", "the payload is not what the id promises"},
	{TooLarge, "TOO_LARGE", "message too large"},
	{UnknownType, "UNKNOWN_TYPE", "there is no such message"},
	{BadState, "BAD_STATE", "not now: Hello comes first, and once"},
	{Timeout, "TIMEOUT", "nothing came in time"},
	{RateLimited, "RATE_LIMITED", "too many at once; it had no effect"},
	{UnsupportedVersion, "UNSUPPORTED_VERSION", "no version is spoken by both sides"},
	{Unauthenticated, "UNAUTHENTICATED", "this login is not accepted"},
	{TokenExpired, "TOKEN_EXPIRED", "the access token is out of its time; log in with a fresh one"},
	{Banned, "BANNED", "banned"},
	{ResumeFailed, "RESUME_FAILED", "there is nothing to resume; log in anew"},
	{Forbidden, "FORBIDDEN", "who this is may not do that"},
	{BadPosition, "BAD_POSITION", "nobody can be there"},
	{MoveRejected, "MOVE_REJECTED", "faster than allowed"},
	{Teleported, "TELEPORTED", "taken elsewhere"},
	{ChatInvalid, "CHAT_INVALID", "empty, too long, or not to be seen"},
	{ChatRate, "CHAT_RATE", "too many chats"},
	{NameInvalid, "NAME_INVALID", "empty, too long, or not to be seen"},
	{ServerBusy, "SERVER_BUSY", "the server is full"},
	{Draining, "DRAINING", "the server is shutting down"},
	{Internal, "INTERNAL", "internal error"},
}

var closeRows = [...]CloseRow{
	{CloseGoodbye, "GOODBYE", "goodbye", 0},
	{CloseProtocolError, "PROTOCOL_ERROR", "broken transport rules", 0},
	{CloseText, "TEXT", "only binary messages are understood", 0},
	{ClosePeerLeft, "PEER_LEFT", "connection lost", 0},
	{CloseTooLarge, "TOO_LARGE", "message too large", TooLarge},
	{CloseShutdown, "SHUTDOWN", "server is shutting down", Draining},
	{CloseSlowConsumer, "SLOW_CONSUMER", "updates were not read in time", 0},
	{CloseInternal, "INTERNAL", "internal error", Internal},
	{CloseHeartbeat, "HEARTBEAT", "nothing was heard for too long", Timeout},
	{CloseFrameTimeout, "FRAME_TIMEOUT", "message was not completed in time", Timeout},
	{CloseTooManyConnections, "TOO_MANY_CONNECTIONS", "server is full", ServerBusy},
	{CloseFlood, "FLOOD", "too much was sent", 0},
	{CloseTokenExpired, "TOKEN_EXPIRED", "the access token is out of its time; log in with a fresh one", TokenExpired},
	{CloseUnauthenticated, "UNAUTHENTICATED", "this login is not accepted", Unauthenticated},
	{CloseAuthTimeout, "AUTH_TIMEOUT", "no Hello came in time", Timeout},
	{CloseKicked, "KICKED", "removed by a moderator", 0},
	{CloseProtocolAbuse, "PROTOCOL_ABUSE", "too many bad messages", BadState},
	{CloseBanned, "BANNED", "banned", Banned},
	{CloseReplaced, "REPLACED", "another connection goes on as this player", 0},
	{CloseMoveAbuse, "MOVE_ABUSE", "too many impossible moves", 0},
	{CloseVersion, "VERSION", "no version is spoken by both sides", UnsupportedVersion},
}

// Row returns an error's row; a number that is none has an empty one.
func (e Error) Row() ErrorRow {
	for _, r := range errorRows {
		if r.Code == e {
			return r
		}
	}
	return ErrorRow{}
}

// Row returns a close's row; a number that is none has an empty one.
func (c Close) Row() CloseRow {
	for _, r := range closeRows {
		if r.Code == c {
			return r
		}
	}
	return CloseRow{}
}

// Final reports whether the client should not come back; otherwise it may, after a back-off.
func (c Close) Final() bool { return c >= 4500 || c >= 1002 && c < 4000 && c != ClosePeerLeft }
