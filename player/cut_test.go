package player

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// TestCutAtEveryByte: a client whose connection is cut after each number of bytes in turn, of 200 messages, resumes to a view that is exact, or
// is told that it cannot: where not even the welcome, and with it the new token, had come through.
func TestCutAtEveryByte(t *testing.T) {
	const messages = 200
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{limits: func(l *Limits) { l.MessageRate = 0 }}) // no time passes
		other := v.joinNative(t, "Bob")
		token := v.joinNative(t, "Ann").welcome.ResumeToken
		refused, most, offset := 0, 0, 0
		for ; most < messages; offset++ {
			c := v.connectNative(t)
			c.take(offset)
			c.resume(token)
			for step := uint32(0); ; step++ {
				to := native.Place{X: int32(3000 + step%97*10), Z: 3000, V: int32(step % 360)}
				other.sendBytes(native.AppendMove(nil, native.Move{Sequence: step + 1, To: to}))
				v.tick()
				if c.room == 0 || step == 5*messages {
					break
				}
			}
			if received := c.lookAtWhole(); received > most {
				most = received
			}
			if slices.Contains(c.errors, codes.ResumeFailed) {
				t.Fatalf("cut at byte %d: a token that was not used is refused", offset)
			}
			if c.welcome.Player != 0 {
				token = c.welcome.ResumeToken
			}
			c.incoming <- errors.New("cable cut")
			v.tick()
			after := v.connectNative(t)
			after.resume(token)
			v.tick()
			after.look()
			if slices.Contains(after.errors, codes.ResumeFailed) { // its token went down with the connection
				refused++
				after = v.joinNative(t, "Ann")
			}
			other.look()
			other.forget()
			mine, theirs := after.replica.Entity(1), other.replica.Entity(1)
			if mine == nil || theirs == nil || mine.At != theirs.At || after.replica.Len() != other.replica.Len() {
				t.Fatalf("cut at byte %d: it sees %+v of %d, the other %+v of %d", offset, mine, after.replica.Len(), theirs,
					other.replica.Len())
			}
			token = after.welcome.ResumeToken
			after.incoming <- errors.New("cable cut")
			v.tick()
		}
		t.Logf("%d of %d connections were cut before the welcome was through; the longest life had %d messages", refused, offset, most)
		if refused == 0 || refused > 400 {
			t.Errorf("%d connections could not be resumed", refused)
		}
		other.leave()
		v.tick()
		v.registry.CloseAll(Shutdown)
		v.tick()
	})
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
