package player

import (
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// TestNativeAndClassicSeeEachOther: in one world, moving, chatting and gesturing.
func TestNativeAndClassicSeeEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		a, b := v.joinNative(t, "Ann"), v.join(wire.TCP)
		a.look()
		if a.welcome.Player != 1 || a.welcome.Name != "Ann" || a.welcome.World.Name != "small" || len(a.welcome.ResumeToken) != 32 {
			t.Errorf("welcome %v", &a.welcome)
		}
		a.sendBytes(native.AppendMove(nil, native.Move{Sequence: 1, To: native.Place{X: 3333, Y: 150, Z: 4000, V: 7}}))
		a.say(native.IDSay, &nativepb.Say{Text: "hi"})
		a.say(native.IDGesture, &nativepb.Gesture{Number: -4})
		v.tick()
		a.look()
		if me := a.replica.Entity(1); me.At != (native.Place{X: 3333, Y: 150, Z: 4000, V: 7}) || me.Name != "Ann" || a.replica.Len() != 2 {
			t.Errorf("it sees itself as %+v, and %d in all", me, a.replica.Len())
		}
		if !slices.Contains(a.ids, native.IDAck) || !slices.Contains(a.ids, native.IDGesture) || len(a.chats) != 1 {
			t.Errorf("it was told %v", a.ids)
		}
		frames := b.got(t)
		last := frames[len(frames)-3:]
		moved, said, waved := last[0], last[1], last[2]
		if moved.ID != 200 || said.ID != 200 || waved.ID != 200 || string(said.Payload[len(said.Payload)-2:]) != "hi" {
			t.Errorf("the other was told %v", last)
		}
		a.leave()
		b.leave()
		v.tick()
	})
}

// TestResume: a player whose connection is lost stays, and goes on with what it has missed; nobody else notices.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		a, b := v.joinNative(t, "Ann"), v.joinNative(t, "")
		v.tick()
		a.look()
		a.incoming <- errors.New("cable cut")
		v.tick()
		b.say(native.IDSay, &nativepb.Say{Text: "are you there?"})
		v.tick()
		if v.loop.Snapshot().Players != 2 || v.registry.Snapshot().Detached != 1 || v.registry.Snapshot().Live() != 1 {
			t.Errorf("%d players, %d detached", v.loop.Snapshot().Players, v.registry.Snapshot().Detached)
		}
		again := v.connectNative(t)
		again.resume(a.welcome.ResumeToken)
		v.tick()
		again.look()
		b.look()
		w := &again.welcome
		if !w.Resumed || w.Player != 1 || w.Name != "Ann" || again.replica.Len() != 2 || again.replica.Entity(1).Name != "Ann" {
			t.Errorf("welcome %v, %d in view", w, again.replica.Len())
		}
		if len(again.chats) != 1 || b.replica.Len() != 2 || v.registry.Snapshot().Detached != 0 {
			t.Errorf("it heard %q; the other sees %d; %d detached", again.chats, b.replica.Len(), v.registry.Snapshot().Detached)
		}
		again.sendBytes(native.AppendMove(nil, native.Move{Sequence: 9, To: native.Place{X: 1, Z: 1}}))
		v.tick()
		again.look()
		if at := again.replica.Entity(1).At; at != (native.Place{X: 1, Z: 1}) {
			t.Errorf("it moved to %v", at)
		}
		again.leave()
		b.say(native.IDGoodbye, &nativepb.Goodbye{})
		v.tick()
		b.look()
		if v.loop.Snapshot().Players != 1 || b.end != codes.CloseGoodbye {
			t.Errorf("%d players after a goodbye and a cut; told %d", v.loop.Snapshot().Players, b.end)
		}
		v.registry.Sweep(time.Now().Add(31 * time.Second))
		v.tick()
		if v.loop.Snapshot().Players != 0 || v.registry.Snapshot().Detached != 0 {
			t.Errorf("%d players after the window", v.loop.Snapshot().Players)
		}
	})
}

// TestResumeTokens: one works once and in time. Who redeems one a second time ends whoever did so first.
func TestResumeTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		a := v.joinNative(t, "")
		token := a.welcome.ResumeToken
		b := v.connectNative(t)
		b.resume(token) // while the first is connected: as after a connection that is lost and not known to be
		v.tick()
		a.look()
		b.look()
		if a.end != codes.CloseReplaced || b.welcome.Player != 1 || v.loop.Snapshot().Players != 1 {
			t.Errorf("the first ended with %d, the second is %v", a.end, &b.welcome)
		}
		thief := v.connectNative(t)
		thief.resume(token)
		v.tick()
		v.tick()
		thief.look()
		b.look()
		if b.end != codes.CloseUnauthenticated || !slices.Contains(thief.errors, codes.ResumeFailed) || thief.end != codes.CloseUnauthenticated {
			t.Errorf("told %d; the thief %v, %d", b.end, thief.errors, thief.end)
		}
		if v.loop.Snapshot().Players != 0 {
			t.Errorf("%d players are left", v.loop.Snapshot().Players)
		}
		c := v.joinNative(t, "")
		c.leave()
		v.tick()
		<-time.After(30 * time.Second)
		late := v.connectNative(t)
		late.resume(c.welcome.ResumeToken)
		guess := v.connectNative(t)
		guess.resume([]byte("guess"))
		v.tick()
		late.look()
		guess.look()
		if late.end != codes.CloseUnauthenticated || guess.end != codes.CloseUnauthenticated {
			t.Errorf("too late: %d; guessed: %d", late.end, guess.end)
		}
		v.registry.Sweep(time.Now())
		v.tick()
	})
}

// TestHelloComesFirst: and in time, and once, in a version that both speak, with a name that can be seen.
func TestHelloComesFirst(t *testing.T) {
	guest := func(name string) proto.Message {
		return &nativepb.Hello{Version: 1, Login: &nativepb.Hello_Guest{Guest: name}}
	}
	for name, test := range map[string]struct {
		id   uint32
		say  proto.Message
		want codes.Close
		tell codes.Error
	}{
		"move":          {native.IDMove, &nativepb.Move{X: 1}, codes.CloseProtocolAbuse, codes.BadState},
		"version 0":     {native.IDHello, &nativepb.Hello{}, codes.CloseVersion, codes.UnsupportedVersion},
		"only later":    {native.IDHello, &nativepb.Hello{Version: 2}, codes.CloseVersion, codes.UnsupportedVersion},
		"later version": {native.IDHello, &nativepb.Hello{Version: 9, MinVersion: 2}, codes.CloseVersion, codes.UnsupportedVersion},
		"access token": {
			native.IDHello, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_AccessToken{AccessToken: "x"}},
			codes.CloseUnauthenticated, codes.Unauthenticated,
		},
		"name that hides": {native.IDHello, guest("a\u202eb"), codes.CloseUnauthenticated, codes.NameInvalid},
		"newer client":    {native.IDHello, &nativepb.Hello{Version: 2, MinVersion: 1}, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newServer(t, setup{})
			c := v.connectNative(t)
			c.say(test.id, test.say)
			v.tick()
			c.look()
			if c.end != test.want || test.tell != 0 && !slices.Contains(c.errors, test.tell) {
				t.Errorf("%s: ended with %d, errors %v; want %d, %d", name, c.end, c.errors, test.want, test.tell)
			}
			if test.want == 0 {
				c.hello("") // again
				v.tick()
				c.look()
				if !slices.Contains(c.errors, codes.BadState) || c.end != 0 {
					t.Errorf("%s: a second Hello is answered by %v", name, c.errors)
				}
			}
			c.leave()
			v.tick()
			v.registry.CloseAll(Shutdown)
			v.tick()
		})
	}
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.connectNative(t)
		<-time.After(6 * time.Second)
		v.registry.Sweep(time.Now())
		synctest.Wait()
		if c.look(); c.end != codes.CloseAuthTimeout {
			t.Errorf("without a Hello it ended with %d", c.end)
		}
	})
}

// TestNativeRefusals: each has its code, an unknown optional message none; a flood of them is not answered one by one.
func TestNativeRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.joinNative(t, "")
		for _, step := range []struct {
			send func()
			want []codes.Error
		}{
			{func() { c.send(4000, nil) }, []codes.Error{codes.UnknownType}},
			{func() { c.send(native.FirstOptionalID, nil) }, nil},
			{func() { c.send(native.IDSay, []byte{0xff}) }, []codes.Error{codes.Malformed}},
			{func() { c.say(native.IDSay, &nativepb.Say{Text: "\x1b"}) }, []codes.Error{codes.ChatInvalid}},
			{func() { c.say(native.IDSay, &nativepb.Say{Text: "x", Channel: 9}) }, []codes.Error{codes.Malformed}},
			{func() {
				for range 10 {
					c.send(4000, nil)
				}
			}, []codes.Error{codes.UnknownType, codes.UnknownType, codes.UnknownType, codes.UnknownType, codes.UnknownType}},
		} {
			c.errors = nil
			step.send()
			v.tick()
			if c.look(); !slices.Equal(c.errors, step.want) {
				t.Errorf("told %v, want %v", c.errors, step.want)
			}
			<-time.After(2 * time.Second)
		}
		c.sendBytes(native.AppendMove(nil, native.Move{Sequence: 3, To: native.Place{X: 1 << 29}}))
		v.tick()
		if c.look(); c.ids[len(c.ids)-1] != native.IDAck {
			t.Errorf("a move out of the world is answered by %v", c.ids)
		}
		c.say(native.IDPing, &nativepb.Ping{Time: 77})
		v.tick()
		c.look()
		frames := c.got(t)
		var pong nativepb.Pong
		must(t, native.Parse(frames[len(frames)-1].Payload, &pong))
		if pong.Time != 77 || int64(pong.ServerMicros) != time.Now().UnixMicro() {
			t.Errorf("pong %v", &pong)
		}
		c.incoming <- io.EOF
		v.tick()
		v.registry.CloseAll(Shutdown)
		v.tick()
	})
}

// TestSilentNativeClientsArePinged: over TCP by a message of the dialect.
func TestSilentNativeClientsArePinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.joinNative(t, "")
		c.heard(wire.Activity{LastHeard: time.Now().Add(-16 * time.Second)})
		v.registry.Sweep(time.Now())
		if c.look(); !slices.Contains(c.ids, native.IDPing) {
			t.Errorf("told %v", c.ids)
		}
		c.heard(wire.Activity{LastHeard: time.Now().Add(-41 * time.Second)})
		v.registry.Sweep(time.Now())
		synctest.Wait()
		if c.look(); c.end != codes.CloseHeartbeat || v.registry.Snapshot().Detached != 1 {
			t.Errorf("ended with %d, %d detached", c.end, v.registry.Snapshot().Detached)
		}
		v.registry.CloseAll(Shutdown)
		v.tick()
		if v.loop.Snapshot().Players != 0 {
			t.Error("a player without a connection outlives the server's end")
		}
	})
}

// TestFewStayWithoutAConnection: who connects and drops, over and over, does not fill the world.
func TestFewStayWithoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{limits: func(l *Limits) { l.MaxSessions = 3 }})
		for range 20 {
			v.joinNative(t, "").incoming <- io.EOF
			v.tick()
			v.tick()
		}
		if n := v.loop.Snapshot().Players; n != 6 || v.registry.Snapshot().Detached != 6 {
			t.Errorf("%d players, %d without a connection", n, v.registry.Snapshot().Detached)
		}
		v.registry.CloseAll(Shutdown)
		v.tick()
	})
}

// TestMailBeyondMeasureEndsDetachedPlayers: who would lose messages for it alone does not come back.
func TestMailBeyondMeasureEndsDetachedPlayers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{build: waving})
		a, b := v.joinNative(t, ""), v.joinNative(t, "")
		a.incoming <- io.EOF
		v.tick()
		b.send(10_000, []byte("pester the first"))
		v.tick()
		v.tick()
		if v.registry.Snapshot().Detached != 0 || v.loop.Snapshot().Players != 1 {
			t.Errorf("%d detached, %d players", v.registry.Snapshot().Detached, v.loop.Snapshot().Players)
		}
		b.say(native.IDGoodbye, &nativepb.Goodbye{})
		v.tick()
	})
}
