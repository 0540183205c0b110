package player

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/world"
)

// TestCheckSeat: a seat that contradicts the world is found, and one that does not is none.
func TestCheckSeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		v.join(wire.TCP)
		gone := v.join(wire.TCP)
		for _, c := range []struct {
			what    string
			slot    world.Slot
			id      world.ID
			epoch   world.Epoch
			broken  bool
			arrange func()
		}{
			{what: "as it is", slot: 0, id: 1, epoch: 1},
			{what: "another in its slot", slot: 0, id: 2, epoch: 1, broken: true},
			{what: "nobody in its slot", slot: 0, broken: true},
			{what: "an old session that is not over", slot: 1, id: 2, epoch: 2, broken: true},
			{what: "one that is", slot: 1, id: 2, epoch: 2, arrange: func() { gone.leave(); synctest.Wait() }},
			{what: "one that goes on with the next tick", slot: 0, id: 1, epoch: 0},
			{what: "a thing, which has no seat", slot: 7, id: 9},
		} {
			if c.arrange != nil {
				c.arrange()
			}
			if err := v.audience.CheckSeat(c.slot, c.id, c.epoch); errors.Is(err, world.ErrBroken) != c.broken {
				t.Errorf("%s: %v", c.what, err)
			}
		}
		v.stop()
	})
}

// TestFailureOnTheWayIn: whose joining fails does not wait for the world for ever: its session ends with the incident that the log
// knows, and nobody else's.
func TestFailureOnTheWayIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		other := v.join(wire.TCP)
		c := v.connect(wire.WebSocket)
		synctest.Wait()
		out := &world.Output{Failures: []world.Failure{{Player: 2, Fault: "a bug", Incident: "ABCDEFGHIJKL"}, {Player: 77}}}
		v.audience.Encode(out)
		v.audience.Compose()
		v.audience.Deliver()
		if code, text := c.closeSent(t); code != 4003 || text != "internal error, incident ABCDEFGHIJKL" {
			t.Errorf("it is told %d, %s", code, text)
		}
		if !strings.Contains(v.log.String(), "ABCDEFGHIJKL") || v.closed(Internal) != 0 && v.closed(Internal) != 1 {
			t.Errorf("the log says %s", v.log)
		}
		other.send(classic.IDTalk, classic.AppendTalk(nil, "hi")[wire.HeaderSize:])
		v.tick()
		if n := v.registry.Snapshot().Live(); n != 1 {
			t.Errorf("%d sessions go on", n)
		}
		v.stop()
	})
}
