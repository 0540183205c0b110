package player

import (
	"math"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"aoiworld/auth"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/view/stream"
)

// Dialect is what a client speaks.
type Dialect uint8

// The dialects.
const (
	Classic Dialect = iota // the tutorial's
	Native
	Dialects // how many there are
)

// String returns the dialect's name.
func (d Dialect) String() string { return [...]string{"classic", "native", "?"}[min(d, Dialects)] }

// NativeConfig is what sessions of the native dialect are told, and need to know.
type NativeConfig struct {
	// World is told to every client; Lattice is its geometry.
	World   *nativepb.World
	Lattice native.Lattice
	// Limits is told to every client.
	Limits *nativepb.Limits
	// ResumeWindow is for how long a player stays in the world whose connection was lost, 30 s; 0 is not at all.
	ResumeWindow time.Duration
}

// speaker is what a session of the native dialect remembers. It belongs to the session's reader unless something else is said.
type speaker struct {
	greeted bool // Hello was accepted
	form    stream.Form
	errors  allowed

	// Guarded by the tickets' lock.
	ticket *ticket // its player's, or nil
	lapsed bool    // whatever ticket it will get is revoked

	// Anybody's: who it is to the server and to others, from its login on.
	identity atomic.Pointer[auth.Identity]
	persona  atomic.Pointer[persona]
	succeeds atomic.Int32 // the player as whom it is about to go on, or does; 0 is none

	hidden bool // it wishes to be
	warned bool // that its login expires; the sweep's
}

// errorsPerSecond is how many Errors a client is sent a second at most.
const errorsPerSecond = 5

// allowed counts within a second that begins with the first count.
type allowed struct {
	since time.Time
	count int
}

// more counts one more and reports whether it is among the first so many of its second.
func (a *allowed) more(limit int, now time.Time) bool {
	if now.Sub(a.since) >= time.Second {
		a.since, a.count = now, 0
	}
	a.count++
	return a.count <= limit
}

// reply sends a message at once, between the frames of the world, or not at all where the client does not read.
func (s *Session) reply(id uint32, m proto.Message) {
	buf := native.AppendMessage(make([]byte, wire.Headroom), id, m)
	s.endIf(s.outbox.reply(wire.Seal(buf), time.Now()))
}

// complain tells a client of the native dialect what was wrong with a message.
func (s *Session) complain(code codes.Error, about uint32, now time.Time) {
	if s.dialect != Native || code == 0 || !s.speaker.errors.more(errorsPerSecond, now) {
		return
	}
	s.reply(native.IDError, &nativepb.Error{
		Code: nativepb.ErrorCode(code), InReplyTo: about, Message: code.Row().Text,
	})
}

// farewell returns the last message to a client of the native dialect, or none: an Error where there is one to tell,
// otherwise a Goodbye.
func (s *Session) farewell(reason CloseReason, text string, comeBack time.Duration) []wire.Packet {
	if s.dialect != Native || reason.silent() {
		return nil
	}
	buf := make([]byte, wire.Headroom)
	if e := reason.row().Error; e != 0 {
		buf = native.AppendMessage(buf, native.IDError, &nativepb.Error{
			Code: nativepb.ErrorCode(e), Fatal: true, Close: nativepb.CloseCode(reason.Code()), Message: text,
			RetryAfterMs: uint32(min(comeBack.Milliseconds(), math.MaxUint32)),
		})
	} else {
		buf = native.AppendMessage(buf, native.IDGoodbye, &nativepb.Goodbye{Code: nativepb.CloseCode(reason.Code()), Text: text})
	}
	return []wire.Packet{wire.Seal(buf)}
}
