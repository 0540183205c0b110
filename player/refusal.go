package player

import (
	"errors"
	"time"

	"aoiworld/net/codes"
	"aoiworld/world"
)

// Errors with which handlers and hooks say what was wrong with a message. The session counts each, and ends where there
// are too many.
var (
	// ErrUnknown: there is no handler for the message's id.
	ErrUnknown = errors.New("unknown message")
	// ErrMalformed: the payload is not what the id promises.
	ErrMalformed = errors.New("malformed message")
	// ErrChatInvalid: the chat is empty, too long, not UTF-8, or holds what cannot be seen.
	ErrChatInvalid = errors.New("invalid chat")
	// ErrChatRate: the session chats too much.
	ErrChatRate = errors.New("too many chats")
	// ErrBanned: a moderator has banned whoever it is.
	ErrBanned = errors.New("banned")
	// ErrBusy: the server is too busy to let anybody new in.
	ErrBusy = errors.New("too busy")
	// ErrForbidden: whoever it is may not do that.
	ErrForbidden = errors.New("forbidden")
	// ErrSilenced: a moderator has muted whoever it is.
	ErrSilenced = errors.New("silenced")
	// ErrMuted: the session has chatted too much too often.
	ErrMuted = errors.New("muted")
	// ErrRate: the session sends too many messages.
	ErrRate = errors.New("too many messages")
	// ErrState: the message is not for now: Hello comes first, and once.
	ErrState = errors.New("wrong state")
	// ErrVersion: a Hello in no version that is spoken by both sides.
	ErrVersion = errors.New("unsupported version")
	// ErrLogin: a Hello with a kind of login that is not accepted.
	ErrLogin = errors.New("login not accepted")
	// ErrExpired: a Hello with an access token that is out of its time, or with a resume token of such a login.
	ErrExpired = errors.New("access token out of its time")
	// ErrName: a Hello with a name that is too long, or holds what cannot be seen.
	ErrName = errors.New("invalid name")
	// ErrResume: a Hello with a token for which there is no player to go on as.
	ErrResume = errors.New("nothing to resume")
)

// Refusal says why a message of a client had no effect. The set is fixed: it labels metrics. What only the world can
// judge - positions, its own chat rate - is in world.Reason.
type Refusal uint8

// The reasons why a message had no effect.
const (
	RefusedUnknown     Refusal = iota // ErrUnknown
	RefusedMalformed                  // ErrMalformed
	RefusedChatInvalid                // ErrChatInvalid
	RefusedChatRate                   // ErrChatRate
	RefusedMuted                      // ErrMuted
	RefusedChatBusy                   // world.ErrChatBusy
	RefusedActBusy                    // world.ErrActBusy
	RefusedRate                       // ErrRate
	RefusedState                      // ErrState
	RefusedVersion                    // ErrVersion
	RefusedLogin                      // ErrLogin
	RefusedExpired                    // ErrExpired
	RefusedName                       // ErrName
	RefusedResume                     // ErrResume
	RefusedBanned                     // ErrBanned
	RefusedBusy                       // ErrBusy
	RefusedForbidden                  // ErrForbidden
	RefusedSilenced                   // ErrSilenced
	RefusedOther                      // any other error of a handler or hook
	Refusals                          // how many there are
)

// refusals gives each refusal its metric label, the error that means it, and what a client of the native dialect is told; 0 is
// nothing.
var refusals = [Refusals]struct {
	label string
	err   error
	tell  codes.Error
}{
	RefusedUnknown:     {"unknown", ErrUnknown, codes.UnknownType},
	RefusedMalformed:   {"malformed", ErrMalformed, codes.Malformed},
	RefusedChatInvalid: {"chat_invalid", ErrChatInvalid, codes.ChatInvalid},
	RefusedChatRate:    {"chat_rate", ErrChatRate, codes.ChatRate},
	RefusedMuted:       {"muted", ErrMuted, codes.ChatRate},
	RefusedChatBusy:    {"chat_busy", world.ErrChatBusy, codes.RateLimited},
	RefusedActBusy:     {"act_busy", world.ErrActBusy, codes.RateLimited},
	RefusedRate:        {"rate", ErrRate, codes.RateLimited},
	RefusedState:       {"state", ErrState, codes.BadState},
	RefusedVersion:     {"version", ErrVersion, codes.UnsupportedVersion},
	RefusedLogin:       {"login", ErrLogin, codes.Unauthenticated},
	RefusedExpired:     {"expired", ErrExpired, codes.TokenExpired},
	RefusedName:        {"name", ErrName, codes.NameInvalid},
	RefusedResume:      {"resume", ErrResume, codes.ResumeFailed},
	RefusedBanned:      {"banned", ErrBanned, codes.Banned},
	RefusedBusy:        {"busy", ErrBusy, codes.ServerBusy},
	RefusedForbidden:   {"forbidden", ErrForbidden, codes.Forbidden},
	RefusedSilenced:    {"silenced", ErrSilenced, codes.Forbidden},
	RefusedOther:       {"other", nil, 0},
}

// code returns what a client of the native dialect is told, or 0.
func (r Refusal) code() codes.Error { return refusals[r].tell }

// String returns the refusal's metric label.
func (r Refusal) String() string {
	if r >= Refusals {
		return "?"
	}
	return refusals[r].label
}

// refusalOf returns what an error of a handler or hook means.
func refusalOf(err error) Refusal {
	for r, row := range refusals[:RefusedOther] {
		if errors.Is(err, row.err) {
			return Refusal(r)
		}
	}
	return RefusedOther
}

// refuse counts a message that had no effect, tells the client where its dialect can, and ends the session if there were too
// many. It is the reader's.
func (s *Session) refuse(err error, about uint32, now time.Time) {
	refusal := refusalOf(err)
	s.cfg.Stats.refused[refusal].Add(1)
	s.complain(refusal.code(), about, now)
	limits := &s.cfg.Limits
	if refusal == RefusedUnknown && s.unknown.exceeds(limits.UnknownPerMinute, now) ||
		(refusal == RefusedMalformed || refusal == RefusedState) && s.malformed.exceeds(limits.MalformedPerMinute, now) {
		s.Close(ProtocolAbuse)
	}
}

// refusedMove counts a move that the world refused, and ends the session if there were too many. It is the
// goroutine's of the session's world.
func (s *Session) refusedMove(reason world.Reason, now time.Time) {
	limits := &s.cfg.Limits
	if reason == world.BadPosition && s.badPositions.exceeds(limits.BadPositionsPerMinute, now) ||
		reason == world.TooFast && s.tooFast.exceeds(limits.TooFastPerMinute, now) {
		s.Close(MoveAbuse)
	}
}
