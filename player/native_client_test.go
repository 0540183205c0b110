package player

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"aoiworld/client"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// nativeClient is a client of the native dialect, and what it was told.
type nativeClient struct {
	*fakeConn
	t        *testing.T
	forms    []nativepb.Form // in which it resumes
	replica  *client.Replica
	welcome  nativepb.Welcome
	read     int // frames
	chats    []string
	notices  []string
	texts    []string // of the errors and the goodbye
	errors   []codes.Error
	refused  []codes.Error // moves
	retry    []uint32      // of the errors: milliseconds
	ids      []uint32
	end      codes.Close
	comeBack uint32 // ms
}

// connectNative runs the session of a new connection of the native dialect.
func (v *server) connectNative(t *testing.T) *nativeClient {
	c := &nativeClient{
		fakeConn: newFakeConn(wire.TCP), t: t, replica: client.NewReplica(nil), forms: []nativepb.Form{nativepb.Form_FORM_BITS},
	}
	v.running.Go(func() { live(v.registry.AcceptNative(c.fakeConn)) })
	return c
}

// say sends a message.
func (c *nativeClient) say(id uint32, m proto.Message) { c.sendBytes(native.AppendMessage(nil, id, m)) }

// hello sends a Hello of this version, as a guest.
func (c *nativeClient) hello(name string) {
	c.say(native.IDHello, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_Guest{Guest: name}})
}

// resume sends a Hello with a token.
func (c *nativeClient) resume(token []byte) {
	c.say(native.IDHello, &nativepb.Hello{Version: 1, Login: &nativepb.Hello_ResumeToken{ResumeToken: token}, Forms: c.forms})
}

// look takes in what has come since the last look.
func (c *nativeClient) look() {
	c.t.Helper()
	frames := c.got(c.t)
	for _, f := range frames[c.read:] {
		c.ids = append(c.ids, f.ID)
		var err error
		switch f.ID {
		case native.IDWelcome:
			c.welcome.Reset()
			err = native.Parse(f.Payload, &c.welcome)
		case native.IDTick:
			err = c.replica.Apply(f.Payload)
		case native.IDAck:
			var m nativepb.Ack
			err = native.Parse(f.Payload, &m)
			if m.Refused != 0 {
				c.refused = append(c.refused, codes.Error(m.Refused))
			}
		case native.IDChat:
			var m nativepb.Chat
			err = native.Parse(f.Payload, &m)
			c.chats = append(c.chats, m.Text)
		case native.IDNotice:
			var m nativepb.Notice
			err = native.Parse(f.Payload, &m)
			c.notices = append(c.notices, m.Text)
		case native.IDError:
			var m nativepb.Error
			err = native.Parse(f.Payload, &m)
			c.texts = append(c.texts, m.Message)
			c.retry = append(c.retry, m.RetryAfterMs)
			c.errors = append(c.errors, codes.Error(m.Code))
			c.end, c.comeBack = codes.Close(m.Close), m.RetryAfterMs
		case native.IDGoodbye:
			var m nativepb.Goodbye
			err = native.Parse(f.Payload, &m)
			c.texts = append(c.texts, m.Text)
			c.end = codes.Close(m.Code)
		}
		must(c.t, err)
	}
	c.read = len(frames)
}

// joinNative connects, says Hello, and ticks until the newcomer is in the world.
func (v *server) joinNative(t *testing.T, name string) *nativeClient {
	c := v.connectNative(t)
	c.hello(name)
	v.tick()
	c.look()
	return c
}
