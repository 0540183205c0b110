package player

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
	"aoiworld/world"
)

// unmeasured takes away what counts messages, so that all of them come to their handlers.
func unmeasured(l *Limits) {
	l.MessageRate, l.ChatRate, l.UnknownPerMinute, l.MalformedPerMinute, l.BadPositionsPerMinute = 0, 0, 0, 0, 0
	l.GestureRate, l.PingRate = 0, 0
}

// FuzzMessages: whatever a client in the world sends under any id, it is taken or refused for a reason that has a name; and what
// the world is told of it is fit to be shown to others: a position inside the map, a text that hides nothing.
func FuzzMessages(f *testing.F) {
	for _, m := range []struct {
		id uint32
		m  proto.Message
	}{
		{native.IDSay, &nativepb.Say{Text: "hi"}},
		{native.IDSay, &nativepb.Say{Channel: 1, Text: "a\u202eb"}},
		{native.IDGesture, &nativepb.Gesture{Number: -1}},
		{native.IDPing, &nativepb.Ping{Time: 1}},
		{native.IDHello, &nativepb.Hello{}},
		{native.IDMove, &nativepb.Move{Sequence: 1, X: 3000, Z: 3000}},
		{native.IDMove, &nativepb.Move{X: 1 << 31}},
	} {
		b, err := proto.Marshal(m.m)
		must(f, err)
		f.Add(true, m.id, b)
		f.Add(false, m.id, b)
	}
	f.Add(false, uint32(classic.IDTalk), classic.AppendTalk(nil, "hi")[wire.HeaderSize:])
	f.Add(false, uint32(classic.IDPosition), []byte{0x0d, 0, 0, 0x20, 0x42, 0x1d, 0, 0, 0x20, 0x42})
	f.Add(false, uint32(classic.IDPosition), []byte{0x0d, 0, 0, 0xc0, 0x7f})

	var seen *taken
	p := &player{now: time.Now(), server: newServer(f, setup{limits: unmeasured, audience: func(a *Audience) world.Audience {
		seen = &taken{Audience: a}
		return seen
	}})}
	f.Fuzz(func(t *testing.T, isNative bool, id uint32, payload []byte) {
		p.t = t
		c := polled{newFakeConn(wire.TCP)}
		s := newSession(p.registry.config(), c, Classic)
		if isNative {
			s = newSession(p.registry.config(), c, Native)
		}
		s.start()
		if isNative {
			must(t, p.registry.config().Handlers.dispatch(s, wire.Frame{ID: native.IDHello, Payload: []byte{8, 1}}))
		}
		p.step()
		err := p.registry.config().Handlers.dispatch(s, wire.Frame{ID: id, Payload: payload})
		if err != nil && refusalOf(err) == RefusedOther {
			t.Errorf("message %d is refused with %v", id, err)
		}
		p.step()
		seen.fit(t)
		s.Close(Goodbye)
		s.finish()
		p.step()
		if n := p.loop.Snapshot().Entities; n != 0 {
			t.Fatalf("%d entities are left", n)
		}
	})
}

// taken is an audience that remembers what the world made of the last tick's commands.
type taken struct {
	*Audience
	at    []world.Position
	texts []string
}

// Encode implements world.Audience.
func (a *taken) Encode(out *world.Output) {
	a.at, a.texts = a.at[:0], a.texts[:0]
	for _, c := range out.Changes {
		a.at = append(a.at, c.At)
	}
	for _, c := range out.Chats {
		a.texts = append(a.texts, c.Text)
	}
	a.Audience.Encode(out)
}

// fit checks what the world was made to show.
func (a *taken) fit(t *testing.T) {
	for _, at := range a.at {
		if b := smallWorld().Grid.Bounds; !b.Contains(at.X, at.Z) || at.Y-at.Y != 0 || at.V-at.V != 0 {
			t.Errorf("somebody is at %v", at)
		}
	}
	for _, text := range a.texts {
		if text == "" || len(text) > DefaultLimits().ChatBytes || !utf8.ValidString(text) || strings.ContainsFunc(text, conceals) {
			t.Errorf("somebody has said %q", text)
		}
	}
}

// conceals says of a character, in other words than the server, that it rearranges or hides text.
func conceals(r rune) bool {
	const zeroWidth = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e"
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(zeroWidth, r)
}
