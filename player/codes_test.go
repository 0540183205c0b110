package player

import (
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// provoke does what has a code for an answer. c has connected, and not said Hello yet.
type provoke struct {
	setup setup
	do    func(v *server, c *nativeClient)
}

// greeted is a provocation by somebody who is in the world.
func greeted(with setup, do func(v *server, c *nativeClient)) provoke {
	return provoke{with, func(v *server, c *nativeClient) {
		c.hello("Ann")
		v.tick()
		do(v, c)
	}}
}

// says is a provocation by one message of somebody who is in the world.
func says(with setup, id uint32, payload string) provoke {
	return greeted(with, func(_ *server, c *nativeClient) { c.send(id, []byte(payload)) })
}

// limited changes limits.
func limited(change func(*Limits)) setup { return setup{limits: change} }

// provokedErrors has each error of the dialect, and one of the ways to be told it.
var provokedErrors = map[codes.Error]provoke{
	codes.Malformed:   says(setup{}, native.IDSay, "\xff"),
	codes.TooLarge:    {do: func(_ *server, c *nativeClient) { c.incoming <- wire.ErrTooLarge }},
	codes.UnknownType: says(setup{}, 7, ""),
	codes.BadState:    says(setup{}, native.IDHello, "\x08\x01"),
	codes.Timeout:     provokedCloses[codes.CloseHeartbeat],
	codes.RateLimited: greeted(limited(func(l *Limits) { l.GestureBurst = 1 }), func(_ *server, c *nativeClient) {
		c.say(native.IDGesture, &nativepb.Gesture{})
		c.say(native.IDGesture, &nativepb.Gesture{})
	}),
	codes.UnsupportedVersion: provokedCloses[codes.CloseVersion],
	codes.Unauthenticated:    provokedCloses[codes.CloseUnauthenticated],
	codes.TokenExpired:       provokedCloses[codes.CloseTokenExpired],
	codes.ResumeFailed:       {do: func(_ *server, c *nativeClient) { c.resume(make([]byte, tokenBytes)) }},
	codes.BadPosition: greeted(setup{}, func(_ *server, c *nativeClient) {
		c.say(native.IDMove, &nativepb.Move{Sequence: 1, X: 1 << 31})
	}),
	codes.MoveRejected: greeted(setup{world: func(c *world.Config) {
		c.Movement = world.Movement{Mode: world.MovementEnforce, MaxSpeed: 1}
	}}, func(_ *server, c *nativeClient) { c.say(native.IDMove, &nativepb.Move{Sequence: 1, X: 9000, Z: 9000}) }),
	codes.Teleported: greeted(setup{}, func(v *server, _ *nativeClient) {
		must(v.t, v.loop.Order(world.Teleport{Player: 1, To: world.Position{X: 9, Z: 9}}))
	}),
	codes.ChatInvalid: greeted(setup{}, func(_ *server, c *nativeClient) { c.say(native.IDSay, &nativepb.Say{Text: "\x1b"}) }),
	codes.ChatRate: greeted(limited(func(l *Limits) { l.ChatBurst = 1 }), func(_ *server, c *nativeClient) {
		c.say(native.IDSay, &nativepb.Say{Text: "hi"})
		c.say(native.IDSay, &nativepb.Say{Text: "hi"})
	}),
	codes.Banned: provokedCloses[codes.CloseBanned],
	codes.Forbidden: {setup{auth: AuthConfig{Tokens: &tokens{}}}, func(_ *server, c *nativeClient) {
		c.say(native.IDHello, &nativepb.Hello{Version: 1, Hidden: true})
	}},
	codes.NameInvalid: {do: func(_ *server, c *nativeClient) { c.hello("a\u202eb") }},
	codes.ServerBusy:  provokedCloses[codes.CloseTooManyConnections],
	codes.Draining:    provokedCloses[codes.CloseShutdown],
	codes.Internal:    provokedCloses[codes.CloseInternal],
}

// provokedCloses has each close, and one of the ways to be closed so.
var provokedCloses = map[codes.Close]provoke{
	codes.CloseGoodbye:       says(setup{}, native.IDGoodbye, ""),
	codes.CloseProtocolError: {do: func(_ *server, c *nativeClient) { c.incoming <- wire.ErrProtocol }},
	codes.CloseText:          {do: func(_ *server, c *nativeClient) { c.incoming <- wire.ErrText }},
	codes.ClosePeerLeft:      {do: func(_ *server, c *nativeClient) { c.incoming <- errReset }},
	codes.CloseTooLarge:      {do: func(_ *server, c *nativeClient) { c.incoming <- wire.ErrTooLarge }},
	codes.CloseShutdown:      greeted(setup{}, func(v *server, _ *nativeClient) { v.registry.CloseAll(Shutdown) }),
	codes.CloseSlowConsumer: greeted(limited(func(l *Limits) { l.SlowConsumer = time.Second }), func(v *server, c *nativeClient) {
		c.take(1)
		c.say(native.IDPing, &nativepb.Ping{})
		v.run(2 * time.Second)
	}),
	codes.CloseInternal: greeted(setup{build: func(b *Builder) {
		b.Before(func(_ *Session, f wire.Frame) error {
			if f.ID == native.IDPong {
				panic("a bug")
			}
			return nil
		})
	}}, func(_ *server, c *nativeClient) { c.send(native.IDPong, nil) }),
	codes.CloseHeartbeat: greeted(limited(func(l *Limits) { l.PingInterval, l.DeadAfter = time.Second, 3*time.Second }),
		func(v *server, _ *nativeClient) { v.sweepFor(4 * time.Second) }),
	codes.CloseFrameTimeout: greeted(limited(func(l *Limits) { l.FrameTimeout = time.Second }), func(v *server, c *nativeClient) {
		c.heard(wire.Activity{LastHeard: time.Now(), FrameSince: time.Now()})
		v.sweepFor(2 * time.Second)
	}),
	codes.CloseTooManyConnections: {setup: limited(func(l *Limits) { l.MaxSessions = 1 }), do: func(v *server, c *nativeClient) {
		*c = *v.connectNative(c.t) // one more than there is room for
	}},
	codes.CloseFlood: greeted(limited(func(l *Limits) { l.MessageRate, l.MessageBurst = 1, 1 }), func(v *server, c *nativeClient) {
		v.send(c.fakeConn, native.IDMove, 11)
	}),
	codes.CloseTokenExpired:    {setup{auth: AuthConfig{Tokens: &tokens{}}}, func(_ *server, c *nativeClient) { c.login("old") }},
	codes.CloseUnauthenticated: {do: func(_ *server, c *nativeClient) { c.login("ann Ann") }},
	codes.CloseAuthTimeout: {setup: limited(func(l *Limits) { l.HelloTimeout = time.Second }), do: func(v *server, _ *nativeClient) {
		v.sweepFor(2 * time.Second)
	}},
	codes.CloseKicked: greeted(setup{}, func(v *server, _ *nativeClient) { v.registry.Kick(everybody, "") }),
	codes.CloseBanned: {setup{bans: &sanctions{banned: everybody}}, func(_ *server, c *nativeClient) { c.hello("Ann") }},
	codes.CloseProtocolAbuse: greeted(limited(func(l *Limits) { l.MalformedPerMinute = 1 }), func(_ *server, c *nativeClient) {
		c.send(native.IDSay, []byte{0xff})
		c.send(native.IDSay, []byte{0xff})
	}),
	codes.CloseReplaced: {setup{auth: AuthConfig{Tokens: &tokens{}}}, func(v *server, c *nativeClient) {
		c.login("ann Ann")
		v.tick()
		v.joinAccount(c.t, "ann Ann")
	}},
	codes.CloseMoveAbuse: greeted(limited(func(l *Limits) { l.BadPositionsPerMinute = 1 }), func(v *server, c *nativeClient) {
		for range 2 {
			c.say(native.IDMove, &nativepb.Move{X: math.MaxUint32})
			v.tick()
		}
	}),
	codes.CloseVersion: {do: func(_ *server, c *nativeClient) { c.say(native.IDHello, &nativepb.Hello{Version: 99, MinVersion: 98}) }},
}

// after returns what a client is told that has done a provocation, and how the server counts that it ended.
func (p provoke) after(t *testing.T, check func(v *server, c *nativeClient)) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, p.setup)
		c := v.connectNative(t)
		synctest.Wait()
		p.do(v, c)
		v.tick()
		v.tick()
		c.lookAtWhole()
		check(v, c)
		c.take(unlimited)
		v.registry.CloseAll(Shutdown)
		c.incoming <- io.EOF
		v.tick()
		v.running.Wait()
	})
}

// TestEveryErrorIsTold: there is no error in the table that no client is ever told.
func TestEveryErrorIsTold(t *testing.T) {
	for _, row := range codes.Errors() {
		p, ok := provokedErrors[row.Code]
		if !ok {
			t.Errorf("nothing provokes %s", row.Name)
			continue
		}
		p.after(t, func(_ *server, c *nativeClient) {
			if !slices.Contains(c.errors, row.Code) && !slices.Contains(c.refused, row.Code) {
				t.Errorf("%s: told %v, %v", row.Name, c.errors, c.refused)
			}
		})
	}
}

// TestEveryCloseIsTold: there is no close in the table with which no connection ends, and whoever can be told is: the client in a
// last message, the operator in any case.
func TestEveryCloseIsTold(t *testing.T) {
	for _, row := range codes.Closes() {
		p, ok := provokedCloses[row.Code]
		if !ok {
			t.Errorf("nothing provokes %s", row.Name)
			continue
		}
		reason := CloseReason(slices.IndexFunc(closings[:], func(c struct {
			code   codes.Close
			silent bool
		},
		) bool {
			return c.code == row.Code
		}))
		p.after(t, func(v *server, c *nativeClient) {
			unread := row.Code == codes.CloseSlowConsumer // by who reads nothing any more
			if told := c.end == row.Code; !told && !reason.silent() && !unread || told && reason.silent() {
				t.Errorf("%s: told %d", row.Name, c.end)
			}
			if v.closed(reason) == 0 && reason != TooManyConnections {
				t.Errorf("%s: not counted", row.Name)
			}
		})
	}
}

// TestChatLimits: how long a text may be, and how long who says too much is muted.
func TestChatLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newIdleSession(&syncBuffer{})
		l := &s.cfg.Limits
		l.ChatBytes, l.ChatBurst, l.ChatStrikes, l.MuteFor = 3, 2, 1, 7*time.Second
		for _, step := range []struct {
			text  string
			want  error
			pause time.Duration
		}{
			{"abc", nil, 0},
			{"abcd", ErrChatInvalid, 0},
			{strings.Repeat("é", 2), ErrChatInvalid, 0},
			{"a", nil, 0},
			{"a", ErrChatRate, 6999 * time.Millisecond},
			{"a", ErrMuted, time.Millisecond},
			{"a", nil, 0},
		} {
			if err := s.Chat(world.ToAll, step.text); !errors.Is(err, step.want) {
				t.Errorf("%q: %v, want %v", step.text, err, step.want)
			}
			<-time.After(step.pause)
		}
	})
}
