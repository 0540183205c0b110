package player

import (
	"slices"
	"testing"
	"testing/synctest"

	"aoiworld/net/classic"
	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/world"
)

// events returns what a client of the classic dialect was told from a frame on.
func events(t *testing.T, c *fakeConn, from int) (all []classic.Event) {
	t.Helper()
	for _, f := range c.got(t)[from:] {
		must(t, classic.Decode(f, func(e classic.Event) { all = append(all, e) }))
	}
	return all
}

// TestTeleportIsTold: whoever is taken elsewhere is told so, with what there is to see; who saw it sees it go, and who is there sees
// it come, in both dialects. However often it is done, and whatever the client sent before it knew, nobody is put out for that.
func TestTeleportIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{world: func(c *world.Config) {
			c.Movement = world.Movement{Mode: world.MovementEnforce, MaxSpeed: 1}
		}})
		a, b := v.joinNative(t, "Ann"), v.join(wire.TCP)
		there, plainThere := v.joinNative(t, "Tom"), v.join(wire.TCP)
		far := world.Position{X: 90, Z: 90}
		for id := world.ID(3); id <= 4; id++ {
			must(t, v.loop.Order(world.Teleport{Player: id, To: far}))
		}
		v.tick()
		before := [2]int{len(b.got(t)), len(plainThere.got(t))}
		for range 50 { // a minute's worth of moves that are too fast ends a session
			must(t, v.loop.Order(world.Teleport{Player: 1, To: far}))
			v.tick()
			a.sendBytes(native.AppendMove(nil, native.Move{Sequence: 5, To: native.Place{X: 3000, Z: 3000}}))
			v.tick()
			must(t, v.loop.Order(world.Teleport{Player: 1, To: world.Position{X: 30, Z: 30}}))
			v.tick()
		}
		must(t, v.loop.Order(world.Teleport{Player: 1, To: far}))
		v.tick()
		a.look()
		there.look()
		if me := a.replica.Entity(1); me == nil || me.At != (native.Place{X: 9000, Z: 9000}) || a.replica.Len() != 3 || a.end != 0 {
			t.Errorf("it sees itself as %+v, and %d in all; ended by %d", me, a.replica.Len(), a.end)
		}
		if len(a.refused) != 151 || slices.ContainsFunc(a.refused, func(e codes.Error) bool { return e != codes.Teleported }) {
			t.Errorf("it was corrected %d times: %v", len(a.refused), a.refused)
		}
		if there.replica.Len() != 3 {
			t.Errorf("%d are seen where it is now", there.replica.Len())
		}
		left, came := events(t, b, before[0]), events(t, plainThere, before[1])
		if last := left[len(left)-1]; last.Kind != classic.Leave || last.PID != 1 {
			t.Errorf("who saw it was told %+v last", last)
		}
		if last := came[len(came)-1]; last.Kind != classic.Appear || last.PID != 1 || last.X != 90 {
			t.Errorf("who is there was told %+v last", last)
		}
		a.sendBytes(native.AppendMove(nil, native.Move{Sequence: 6, To: native.Place{X: 9001, Z: 9000}})) // it walks on
		v.tick()
		a.look()
		if me := a.replica.Entity(1); me.At != (native.Place{X: 9001, Z: 9000}) {
			t.Errorf("it walks to %v", me.At)
		}
		must(t, v.loop.Order(world.Teleport{Player: 2, To: far}))
		v.tick()
		told := events(t, b, before[0])
		if !slices.ContainsFunc(told, func(e classic.Event) bool { return e.Kind == classic.Moved && e.PID == 2 && e.X == 90 }) {
			t.Errorf("in the classic dialect it is told %+v", told)
		}
		v.stop()
	})
}
