package bot

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/cpu"

	"aoiworld/client_sim/link"
	"aoiworld/net/classic"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// maxPayload is the largest message that a bot takes from a server, in bytes: a snapshot of 30,000 players.
const maxPayload = 1 << 20

// keptRest is the largest beginning of a frame for which memory is kept, in bytes.
const keptRest = 2048

// trimReads is after how many reads a bot gives memory back that it did not need meanwhile.
const trimReads = 32

// bot is one client.
type bot struct {
	number int    // from 1 upwards, in the order of creation
	access string // the token with which it logs in, or none
	clock  func() time.Duration
	dialer link.Dialer
	where  float64     // its first home is, from west to east, 0 to 1
	onEnd  func(error) // told when the connection ends that the bot did not end itself
	world  func() World
	track  *track
	native *nativeView // nil in the classic dialect
	plays  bool        // a game: the view has a player, where who moves the bot does not look

	_ cpu.CacheLinePad // who moves a bot and who reads for it have cores of their own, and each its own part of the cache

	// Of whoever moves the bot: whoever lets it join, then the pacer.
	motion   motion
	travel   func(from spot) motion // makes the motion of this phase
	random   *rand.Rand             // of its motion, its rests and its talk
	here     spot
	heading  int     // degrees, 0 to 359
	height   float32 // at which it is, if it is underway
	underway bool
	pauses   pauses
	chatter  chatter
	out      []byte

	_ cpu.CacheLinePad

	link atomic.Pointer[link.Link] // nil while there is none
	gone atomic.Bool               // the connection has ended, or the bot left
	away atomic.Bool               // the connection was cut, and the bot is about to resume
	// putBack is where the server says that the bot is after it has refused a move, until the next move.
	putBack atomic.Pointer[spot]
	stall   atomic.Int64 // for how long (ns) the bot is not to read before it reads on

	_ cpu.CacheLinePad

	mu       sync.Mutex    // held by the reader for one read, and by whoever looks in
	life     int           // counts the connections; what former ones bring is nobody's business
	joined   chan struct{} // closed when the bot was let into the world, or its connection ended
	joinedAt time.Duration // or was cut off, to resume
	view     view
	rest     []byte // the beginning of a frame whose end has not arrived
	left     bool   // the bot has left by itself: whatever still comes is nobody's business
	isIn     bool
	cause    error // why the connection ended
}

// connection is what one connection brings a bot.
type connection struct {
	*bot
	life int
}

// connect begins another connection of the bot, which brings it what it receives.
func (b *bot) connect() connection {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.life++
	b.joined, b.isIn, b.rest = make(chan struct{}), false, nil
	return connection{b, b.life}
}

// Receive implements link.Receiver.
func (c connection) Receive(chunk []byte, bytes int) error {
	b := c.bot
	if b.stall.Load() != 0 {
		time.Sleep(time.Duration(b.stall.Swap(0)))
	}
	now := b.clock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left || c.life != b.life {
		return nil
	}
	b.view.tally.reads++
	b.view.tally.bytes += int64(bytes)
	if b.view.tally.reads%trimReads == 0 {
		b.view.shown.trim()
	}
	if len(b.rest) > 0 {
		b.rest = append(b.rest, chunk...)
		chunk = b.rest
	}
	rest, err := b.frames(chunk, now)
	if b.view.denied {
		b.view.denied = false
		b.putBack.Store(&spot{b.view.own.x, b.view.own.z})
	}
	if cap(b.rest) > keptRest {
		b.rest = nil // it held a snapshot, or the backlog of a slow moment
	}
	b.rest = append(b.rest[:0], rest...)
	return err
}

// frames applies the whole frames of a chunk and returns what is left of it.
func (b *bot) frames(chunk []byte, now time.Duration) (rest []byte, err error) {
	for {
		f, rest, err := wire.Cut(chunk, maxPayload)
		if errors.Is(err, wire.ErrTruncated) {
			return chunk, nil
		}
		joined := false
		if err == nil {
			joined, err = b.apply(f, now)
		}
		if errors.Is(err, errFarewell) {
			return nil, err
		}
		if err != nil {
			b.view.wrong(Malformed, 0, "%v", err)
			return nil, err
		}
		b.view.tally.frames++
		if joined {
			b.isIn = true
			if b.joinedAt == 0 {
				b.joinedAt = now
			}
			close(b.joined)
		}
		chunk = rest
	}
}

// apply applies a frame and reports whether the bot has just been let into the world.
func (b *bot) apply(f wire.Frame, now time.Duration) (joined bool, err error) {
	if b.native != nil {
		return b.native.apply(f, now)
	}
	if err := classic.Decode(f, func(e classic.Event) { b.view.tell(e, now) }); err != nil {
		return false, err
	}
	return b.view.endFrame(), nil
}

// Ended implements link.Receiver.
func (c connection) Ended(reason error) {
	b := c.bot
	b.mu.Lock()
	if c.life != b.life {
		b.mu.Unlock()
		return
	}
	if !b.isIn && b.cause == nil {
		close(b.joined)
	}
	if b.cause = reason; b.native != nil && b.native.onlooker != nil {
		b.native.onlooker.stop()
	}
	byItself := b.left
	b.mu.Unlock()
	b.gone.Store(true)
	if !byItself {
		b.onEnd(reason)
	}
}

// move sends the next move. When the connection takes nothing, link.ErrBusy, the move has not happened.
func (b *bot) move() error {
	if b.putBack.Load() != nil {
		from := *b.putBack.Swap(nil)
		b.here, b.motion = from, b.travel(from) // or all that follows would be refused too
	}
	x, z := b.motion.next()
	b.face(spot{x, z})
	b.height, b.underway = b.motion.height(), true
	at := b.track.note(x, b.height, z, b.heading, b.clock())
	b.out = b.appendMove(b.out[:0], at)
	err := b.send(b.out)
	if errors.Is(err, link.ErrBusy) {
		b.track.retract()
	}
	if err == nil {
		err = b.act()
	}
	return err
}

// settle makes the bot's home where the server has put it, when that is wanted, or when the server says that it bounds speed: a
// jump home would be refused.
func (b *bot) settle(here bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if here || b.native != nil && b.native.limited {
		b.here = spot{b.view.own.x, b.view.own.z}
		b.motion = b.travel(b.here)
	}
}

// face turns the bot to where it goes; on the spot it turns a little.
func (b *bot) face(to spot) {
	if to == b.here {
		b.heading = (b.heading + 1) % 360
		return
	}
	angle := math.Atan2(float64(to.x-b.here.x), float64(to.z-b.here.z)) * 180 / math.Pi
	b.heading, b.here = (int(math.Floor(angle))+360)%360, to
}

// leave ends the bot's part in the run and returns what reached it. The caller closes the link.
func (b *bot) leave() tally {
	b.gone.Store(true)
	b.mu.Lock()
	b.left = true
	b.close()
	sum := b.view.tally
	b.view.shown, b.view.looks, b.view.heard, b.rest = sightings{}, nil, nil, nil
	if b.native != nil && b.native.onlooker != nil {
		b.native.onlooker.forget()
	}
	b.mu.Unlock()
	return sum
}

// close accounts for the moves that were due by now and never came.
func (b *bot) close() {
	if b.native != nil && b.native.onlooker != nil {
		b.native.onlooker.close(b.clock())
		return
	}
	b.view.close(b.clock())
}

// say sends a chat.
func (b *bot) say(text string) error {
	if b.native != nil {
		return b.send(native.AppendMessage(nil, native.IDSay, &nativepb.Say{Text: text}))
	}
	return b.send(classic.AppendTalk(nil, text))
}

// appendMove appends the move to a place that the track has noted.
func (b *bot) appendMove(dst []byte, at place) []byte {
	if b.native != nil {
		return native.AppendMove(dst, native.Move{Sequence: b.track.sent.Load(), To: at.rounded(b.track.lattice)})
	}
	return classic.AppendMove(dst, at.x, at.y, at.z, at.v)
}

// send hands a frame to the connection. Without one it has not happened.
func (b *bot) send(frame []byte) error {
	l := b.link.Load()
	if l == nil {
		return link.ErrBusy
	}
	return (*l).Send(frame)
}

// hangUp closes the connection, if there is one.
func (b *bot) hangUp() {
	if l := b.link.Swap(nil); l != nil {
		(*l).Close()
	}
}

// id returns the player id that the server gave the bot.
func (b *bot) id() int32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.view.self
}

// truth is where the bot is, by the server's last word about it, and what it was shown.
func (b *bot) truth() truth {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := truth{id: b.view.self, at: b.view.own, shown: b.view.players(), looks: maps.Clone(b.view.looks), lattice: b.view.lattice}
	if b.native != nil {
		t.from, t.told = int(b.native.replica.Cell()), b.native.told
		b.native.reckon(t.shown)
	}
	return t
}

// unanswered finds out whether the server owes the bot a word about its last move.
func (b *bot) unanswered() []Violation {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.view.answered() {
		return nil
	}
	detail := fmt.Sprintf("sent move %d, was told of move %d", b.track.sent.Load(), b.view.acked)
	return []Violation{{Unanswered, b.view.self, b.view.self, detail}}
}
