package player

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"aoiworld/client"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// TestCutAtEveryByte: a client whose connection is cut after each number of bytes in turn, of 200 messages in either form, resumes
// to a view that is exact, or is told that it cannot: where not even the welcome, and with it the new token, had come through.
func TestCutAtEveryByte(t *testing.T) {
	for name, forms := range map[string][]nativepb.Form{"columns": nil, "bits": {nativepb.Form_FORM_BITS}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { cutAtEveryByte(t, forms) })
		})
	}
}

// cutMessages is how many messages the longest of the lives has that are cut off.
const cutMessages = 200

// cutAtEveryByte cuts one connection after the other off, each at a byte more than the one before.
func cutAtEveryByte(t *testing.T, forms []nativepb.Form) {
	every := 1
	if testing.Short() {
		every = 7
	}
	v := newServer(t, setup{limits: func(l *Limits) { l.MessageRate, l.ChatRate = 0, 0 }}) // no time passes
	bob := &walker{nativeClient: v.joinNative(t, "Bob")}
	token := v.joinNative(t, "Ann").welcome.ResumeToken
	refused, most, offset := 0, 0, 0
	for ; most < cutMessages; offset += every {
		c := v.connectNative(t)
		c.forms = forms
		c.take(offset)
		c.resume(token)
		for step := 0; step == 0 || c.room > 0 && step < 5*cutMessages; step++ {
			bob.walk(step)
			v.tick()
		}
		most = max(most, c.lookAtWhole())
		if slices.Contains(c.errors, codes.ResumeFailed) {
			t.Fatalf("cut at byte %d: a token that was not used is refused", offset)
		}
		if c.welcome.Player != 0 {
			token = c.welcome.ResumeToken
		}
		c.cut(v)
		after := v.connectNative(t)
		after.forms = forms
		after.resume(token)
		v.tick()
		after.look()
		if slices.Contains(after.errors, codes.ResumeFailed) { // its token went down with the connection
			refused++
			after = v.joinNative(t, "Ann")
		}
		bob.look()
		bob.forget()
		near, inView := bob.at.X < 7500, v.loop.Snapshot().Players // Ann stands in the second column of four
		if !near {
			inView--
		}
		if seen := after.replica.Entity(1); bob.isAt(seen) != near || after.replica.Len() != inView || !bob.isAt(bob.replica.Entity(1)) {
			t.Fatalf("cut at byte %d: Bob, at %v, is shown as %+v; %d are in view, want %d",
				offset, bob.at, seen, after.replica.Len(), inView)
		}
		token = after.welcome.ResumeToken
		after.cut(v)
	}
	t.Logf("%d of %d connections were cut before the welcome was through; the longest life had %d messages", refused, offset/every, most)
	if refused == 0 || refused > 400/every {
		t.Errorf("%d connections could not be resumed", refused)
	}
	bob.leave()
	v.tick()
	v.registry.CloseAll(Shutdown)
	v.tick()
}

// walker is Bob, who walks over borders of cells, out of Ann's view and back into it, and talks.
type walker struct {
	*nativeClient
	sequence uint32
	at       native.Place
}

// walk goes a step.
func (w *walker) walk(step int) {
	w.sequence++
	w.at = native.Place{X: int32(1000 + step%20*400), Y: int32(step % 3), Z: 3000, V: int32(step * 7 % 360)}
	w.sendBytes(native.AppendMove(nil, native.Move{Sequence: w.sequence, To: w.at}))
	if step%10 == 9 {
		w.say(native.IDSay, &nativepb.Say{Text: "on my way"})
	}
}

// isAt reports whether Bob is shown, and where he is.
func (w *walker) isAt(e *client.Entity) bool { return e != nil && e.At == w.at }

// cut ends a connection without a word.
func (c *nativeClient) cut(v *server) {
	c.incoming <- errors.New("cable cut")
	v.tick()
}

// TestGoodbyeThatIsUnread: a client that says goodbye and closes at once leaves, also when the server finds out by a write that
// the connection is gone before it has read the goodbye.
func TestGoodbyeThatIsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		a, b := v.joinNative(t, ""), v.joinNative(t, "")
		v.tick()
		a.mu.Lock()
		a.broken = errReset
		a.mu.Unlock()
		b.sendBytes(native.AppendMove(nil, native.Move{Sequence: 1, To: native.Place{X: 3000, Z: 3000}}))
		v.tick() // a write fails
		a.say(native.IDGoodbye, &nativepb.Goodbye{})
		a.leave()
		v.tick()
		if s := v.registry.Snapshot(); v.loop.Snapshot().Players != 1 || s.Detached != 0 || s.Live() != 1 {
			t.Errorf("%d players, %d without a connection, %d sessions", v.loop.Snapshot().Players, s.Detached, s.Live())
		}
		b.leave()
		v.tick()
		v.registry.CloseAll(Shutdown)
		v.tick()
	})
}

// forget lets go of what was looked at.
func (c *nativeClient) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written, c.read = nil, 0
}

// lookAtWhole takes in the whole frames that came before a cut, and returns how many there were.
func (c *nativeClient) lookAtWhole() int {
	frames, _ := c.whole()
	var b []byte
	for _, f := range frames {
		b = wire.AppendFrame(b, f.ID, f.Payload)
	}
	c.mu.Lock()
	c.written = b
	c.mu.Unlock()
	c.look()
	return len(frames)
}
