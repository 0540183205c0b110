package client

import (
	"time"

	"aoiworld/net/native"
	nativepb "aoiworld/pb/native"
)

// Position is a place in world units, and a heading in degrees.
type Position struct{ X, Y, Z, Heading float32 }

// Player returns the player's id, World what the server says of its world.
func (c *Client) Player() int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.welcome.GetPlayer()
}

// Name returns the name under which others are shown the player.
func (c *Client) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.welcome.GetName()
}

// World returns what the server says of its world. It must not be changed.
func (c *Client) World() *nativepb.World {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.welcome.GetWorld()
}

// Move asks to be at a position, and shows the player there at once: see Here. The error says that there is no connection.
func (c *Client) Move(to Position) error {
	c.mu.Lock()
	c.sequence++
	m := native.Move{Sequence: c.sequence, To: c.lattice.Place(to.X, to.Y, to.Z, to.Heading)}
	c.me.add(m)
	c.mu.Unlock()
	return c.send(native.AppendMove(nil, m))
}

// Say says a text to the whole world, Whisper to everybody near. The error says that there is no connection.
func (c *Client) Say(text string) error {
	return c.send(native.AppendMessage(nil, native.IDSay, &nativepb.Say{Text: text}))
}

// Whisper says a text to everybody near. The error says that there is no connection.
func (c *Client) Whisper(text string) error {
	m := &nativepb.Say{Text: text, Channel: nativepb.Channel_CHANNEL_NEARBY}
	return c.send(native.AppendMessage(nil, native.IDSay, m))
}

// Gesture shows everybody near a number. The error says that there is no connection.
func (c *Client) Gesture(number int32) error {
	return c.send(native.AppendMessage(nil, native.IDGesture, &nativepb.Gesture{Number: number}))
}

// Hide hides a moderator from all who are none, or shows him again. The error says that there is no connection.
func (c *Client) Hide(hidden bool) error {
	return c.send(native.AppendMessage(nil, native.IDHide, &nativepb.Hide{Hidden: hidden}))
}

// Send sends a game's own message. The error says that there is no connection.
func (c *Client) Send(id uint32, payload []byte) error {
	return c.send(native.AppendFrame(nil, id, payload))
}

// Ping measures the way to the server: see Clock. The error says that there is no connection.
func (c *Client) Ping() error {
	return c.send(native.AppendMessage(nil, native.IDPing, &nativepb.Ping{Time: uint64(time.Now().UnixMicro())}))
}

// Clock returns how long a message takes there and back, and how far the server's clock is ahead; both 0 before a Ping was
// answered.
func (c *Client) Clock() (roundTrip, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock.roundTrip, c.clock.offset
}

// Here returns where to show the player itself: where its moves that are under way will have taken it.
func (c *Client) Here() Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.position(c.me.here())
}

// View returns everybody in view by id, as the server told last: in a crowd not everybody is told of in every tick, and At is
// where somebody is reckoned to be. Show is for drawing.
func (c *Client) View() map[int32]Entity {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[int32]Entity, c.replica.Len())
	for e := range c.replica.All() {
		seen := e.copy()
		seen.At = c.replica.Place(e)
		all[e.ID] = seen
	}
	return all
}

// Crowds returns the crowds in view.
func (c *Client) Crowds() (all []Crowd) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for crowd := range c.replica.Crowds() {
		all = append(all, crowd.clone())
	}
	return all
}

// Show returns where to show somebody in view at a time: on the way between the places that were told, or in a crowd where its
// track leads. Who turns out to be elsewhere goes there without a jump. It is false when nobody in view has the id.
func (c *Client) Show(id int32, now time.Time) (Position, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, e := c.paths[id], c.replica.Entity(id)
	if p == nil || e == nil {
		return Position{}, false
	}
	if t := c.replica.track(e); t != nil {
		p.follow(*t, now, &c.world)
	}
	p.shown = now
	return c.position(p.at(now, &c.world)), true
}

// Position returns the position of an entity's place.
func (c *Client) Position(at native.Place) Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.position(at)
}

// position is Position of a locked client.
func (c *Client) position(at native.Place) Position {
	x, y, z, v := c.lattice.Position(at)
	return Position{x, y, z, v}
}
