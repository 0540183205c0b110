package sim

import (
	"errors"
	"fmt"
	"maps"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
)

// maxFrame is the largest payload that a client accepts from the server (bytes).
const maxFrame = 1 << 20

// place is a position as it goes over the wire.
type place struct{ x, y, z, v float32 }

// client is a player's program. It believes what it is told, and nothing else.
type client struct {
	link   *link
	unread []byte // the beginning of a frame

	id      int32
	phase   phase
	shown   map[int32]place
	looks   map[int32]string
	chats   []string
	mail    []string // messages of the game for this client alone
	entries int      // of the snapshot that is being read

	doubts map[int32]doubt // who is shown elsewhere than where it is

	stalled int // ticks for which it will not read
	pace    int // bytes it reads a tick

	native *speaker // what only a client of the native dialect has
	hides  bool     // joins hidden
	cells  int      // of the map
}

// phase is how far a client has got in joining.
type phase int

// The phases, in the order in which they must come.
const (
	fresh    phase = iota // nothing received
	welcomed              // knows its id
	appeared              // knows its place
	joined                // knows who is round it
)

// take reads what has arrived and applies every whole frame. It returns what a client must not be told.
func (c *client) take(b []byte) error {
	c.unread = append(c.unread, b...)
	for {
		f, rest, err := wire.Cut(c.unread, maxFrame)
		if errors.Is(err, wire.ErrTruncated) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.leak(f, c.cells); err != nil {
			return err
		}
		if err := c.apply(f); err != nil {
			return err
		}
		c.unread = rest
	}
}

// apply applies a frame.
func (c *client) apply(f wire.Frame) error {
	if c.native != nil {
		return c.applyNative(f)
	}
	var objection error
	err := classic.Decode(f, func(e classic.Event) {
		if objection == nil {
			objection = c.believe(e)
		}
	})
	if err == nil && objection == nil && f.ID == classic.IDSnapshot {
		objection = c.finishSnapshot()
	}
	return errors.Join(err, objection)
}

// believe applies one event.
func (c *client) believe(e classic.Event) error {
	at := place{e.X, e.Y, e.Z, e.V}
	_, known := c.shown[e.PID]
	switch {
	case e.Kind == classic.Welcome && c.phase == fresh:
		c.id, c.phase, c.shown, c.looks = e.PID, welcomed, map[int32]place{}, map[int32]string{}
	case e.Kind == classic.Appear && c.phase == welcomed && e.PID == c.id:
		c.shown[e.PID], c.phase = at, appeared
	case e.Kind == classic.Snapshot && c.phase == appeared:
		c.entries = 0
	case e.Kind == classic.Entry && c.phase == appeared && (!known || e.PID == c.id):
		c.shown[e.PID] = at
		c.entries++
	case c.phase != joined:
		return fmt.Errorf("%+v in phase %d", e, c.phase)
	case e.Kind == classic.Appear && !known, e.Kind == classic.Moved && known:
		c.shown[e.PID] = at
	case e.Kind == classic.Leave && known && e.PID != c.id:
		delete(c.shown, e.PID)
		delete(c.looks, e.PID)
	case e.Kind == classic.Looks:
		return c.look(e)
	case e.Kind == classic.Message:
		return c.hear(e)
	case e.Kind == classic.Chat:
		c.chats = append(c.chats, e.Text)
	default:
		return fmt.Errorf("%+v, but known is %v", e, known)
	}
	return nil
}

// finishSnapshot checks that the snapshot held everybody once, and the client itself.
func (c *client) finishSnapshot() error {
	if _, me := c.shown[c.id]; !me || c.entries != len(c.shown) {
		return fmt.Errorf("snapshot of %d entries about %d players, itself included: %v", c.entries, len(c.shown), me)
	}
	c.phase = joined
	return nil
}

// upToDate reports whether the client has read all there is and nothing was held back: then it must know the truth.
func (c *client) upToDate() bool {
	return c.phase == joined && len(c.link.pipe) == 0 && len(c.unread) == 0 && c.link.short.IsZero()
}

// differs says how what the client believes differs from what it should, or returns the empty string.
func (c *client) differs(want map[int32]place) string {
	if maps.Equal(c.shown, want) {
		return ""
	}
	text := ""
	for id, at := range want {
		if got, shown := c.shown[id]; !shown {
			text += fmt.Sprintf(" missing %d at %v;", id, at)
		} else if got != at {
			text += fmt.Sprintf(" stale %d at %v instead of %v;", id, got, at)
		}
	}
	for id, at := range c.shown {
		if _, there := want[id]; !there {
			text += fmt.Sprintf(" ghost %d at %v;", id, at)
		}
	}
	return text
}
