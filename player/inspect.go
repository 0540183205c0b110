package player

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"aoiworld/aoi"
	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

// maxInspected is how many entities an Inspection tells of at most: the nearest.
const maxInspected = 1000

// Inspection is what a player was shown in a tick.
type Inspection struct {
	World   string
	Tick    uint64
	Player  world.ID
	Dialect Dialect
	// Standing is how the player stands to what it is shown.
	Standing press.Standing
	// Cell is where the player is, From the cell from which it looks, None while it is shown nothing; Cells are those that it
	// sees.
	Cell, From aoi.Cell
	Cells      []aoi.Cell
	SeesHidden bool
	// FrameBytes is how long the frame is that it was handed, 0 for none, of Records about entities; SharedBy viewers were
	// handed the same bytes. OtherBytes are about no entity.
	FrameBytes, Records, SharedBy int
	OtherBytes                    float64
	// Entities are those in the cells that it sees and in the ring round them, and whom the frame told of, the nearest first.
	// Total is how many there are.
	Entities []Inspected
	Total    int
	at       world.Position // the player's
}

// sort has the nearest come first, and leaves those that are too many. The tick does not wait for that.
func (i *Inspection) sort() {
	i.Total = len(i.Entities)
	apart := func(e *Inspected) float64 { return math.Hypot(float64(e.At.X-i.at.X), float64(e.At.Z-i.at.Z)) }
	slices.SortFunc(i.Entities, func(a, b Inspected) int {
		return cmp.Or(cmp.Compare(apart(&a), apart(&b)), cmp.Compare(a.ID, b.ID))
	})
	i.Entities = i.Entities[:min(len(i.Entities), maxInspected)]
}

// Inspected is what a player was told of an entity, or why not.
type Inspected struct {
	ID   world.ID
	Kind world.Kind
	Name string
	At   world.Position
	// Cell is None when it has left the world.
	Cell aoi.Cell
	// InView says that it is in a cell and a layer that the player sees.
	InView, Hidden bool
	Why            press.Why
	// Bytes is what that took in the frame: of what it shares with others its share.
	Bytes float64
	// Within is in which time one that waits is told of at the latest, as far as is known.
	Within time.Duration
}

// Inspect returns what a player of the audience's world, which loop must be, was shown in a tick that is not over yet. Anybody
// may call it. The error wraps world.ErrNobody, or is that of world.Loop.Inquire.
func (a *Audience) Inspect(ctx context.Context, loop *world.Loop, id world.ID) (*Inspection, error) {
	var found *Inspection
	var wrong error
	if err := loop.Inquire(ctx, func(look world.Look) { found, wrong = a.inspect(look, id) }); err != nil {
		return nil, err
	}
	if wrong != nil {
		return nil, wrong
	}
	found.World = loop.Snapshot().World
	found.sort()
	return found, nil
}

// inspector is an Inspection in the making. It belongs to the loop's goroutine.
type inspector struct {
	*Inspection
	audience *Audience
	look     world.Look
	slot     world.Slot
	me       world.Entity
	told     press.Accounts
	untold   press.Untold // nil while nobody looks
}

// inspect returns what a player was shown in the tick that has ended.
func (a *Audience) inspect(look world.Look, id world.ID) (*Inspection, error) {
	slot, here := look.Slot(id)
	if !here || look.At(slot).Kind != world.PlayerKind {
		return nil, fmt.Errorf("%w: %d", world.ErrNobody, id)
	}
	me := look.At(slot)
	i := inspector{
		Inspection: &Inspection{
			Tick: look.Tick(), Player: id, Cell: look.CellOf(slot), From: aoi.None, SeesHidden: me.Sees > world.Public, at: me.At,
		},
		audience: a, look: look, slot: slot, me: me,
	}
	i.stand()
	if err := i.account(); err != nil {
		return nil, fmt.Errorf("%w: its own frame: %w", world.ErrInquiry, err)
	}
	i.tell()
	return i.Inspection, nil
}

// stand finds out from where the player looks, and how it stands.
func (i *inspector) stand() {
	i.Standing = press.NotWatched
	if int(i.slot) >= len(i.audience.seats) || i.audience.seats[i.slot].session == nil {
		return
	}
	if i.Dialect = i.audience.seats[i.slot].session.dialect; i.Dialect == Native {
		i.From, i.Standing = i.audience.streams.Looks(i.slot)
		i.untold = i.audience.streams.Untold(i.slot)
	} else {
		i.From, i.Standing = i.audience.classic.Looks(i.slot)
		i.untold = i.audience.classic.Untold(i.slot)
	}
	if i.From != aoi.None {
		i.Cells = slices.Clone(i.look.Grid().Neighbourhood(i.From))
	}
}

// account finds out what the player's frame told of whom.
func (i *inspector) account() (err error) {
	a := i.audience
	at := slices.IndexFunc(a.deliver, func(d press.Delivery) bool { return d.Slot == i.slot && d.Frame != press.Overflow })
	if at < 0 {
		return nil
	}
	number := a.deliver[at].Frame
	for _, d := range a.deliver {
		if d.Frame == number {
			i.SharedBy++
		}
	}
	frame := a.frames[number]
	body := frame.Bytes[wire.Headroom:]
	i.FrameBytes, i.Records, i.OtherBytes = len(body), frame.Updates, float64(len(body))
	if i.Dialect == Native {
		i.told, err = a.streams.Account(body)
	} else {
		i.told, err = accountClassic(body)
	}
	for _, told := range i.told {
		i.OtherBytes -= told.Bytes
	}
	i.OtherBytes = max(0, i.OtherBytes)
	return err
}

// accountClassic returns what a frame of the classic dialect told of whom.
func accountClassic(frame []byte) (press.Accounts, error) {
	told, events := press.Accounts{}, []classic.Event{}
	for len(frame) > 0 {
		f, rest, err := wire.Cut(frame, len(frame))
		if err != nil {
			return nil, err
		}
		events = events[:0]
		if err := classic.Decode(f, func(e classic.Event) { events = append(events, e) }); err != nil {
			return nil, err
		}
		bytes := float64(len(frame)-len(rest)) / float64(max(1, len(events)))
		for _, e := range events {
			if kind := recordsOf[e.Kind]; kind != 0 {
				told.Add(world.ID(e.PID), kind, bytes)
			}
		}
		frame = rest
	}
	return told, nil
}

// recordsOf are the events that are about an entity.
var recordsOf = map[classic.Kind]press.Records{
	classic.Appear: press.RecordEntered, classic.Moved: press.RecordMoved, classic.Leave: press.RecordLeft,
	classic.Entry: press.RecordKey, classic.Looks: press.RecordTraits,
}

// tell goes through everybody who is in or near what the player sees, and whom its frame told of.
func (i *inspector) tell() {
	around := i.around()
	for _, cell := range around {
		for _, slot := range i.look.Members(cell) {
			i.add(slot)
		}
	}
	for id, told := range i.told {
		if slot, here := i.look.Slot(id); here {
			if _, is := slices.BinarySearch(around, i.look.CellOf(slot)); !is {
				i.add(slot)
			}
			continue
		}
		gone := Inspected{ID: id, At: i.at, Cell: aoi.None, Why: told.Records.Why(), Bytes: told.Bytes}
		i.Entities = append(i.Entities, gone)
	}
}

// centre is the cell round which the player sees, or would.
func (i *inspector) centre() aoi.Cell {
	if i.From == aoi.None {
		return i.Cell
	}
	return i.From
}

// around returns the cells that the player sees, and the ring round them, in ascending order.
func (i *inspector) around() (all []aoi.Cell) {
	grid := i.look.Grid()
	seen, columns, rows := grid.Neighbourhood(i.centre()), grid.Config().Columns, grid.Config().Rows
	first, last := int(seen[0]), int(seen[len(seen)-1]) // two corners
	for row := max(0, first/columns-1); row <= min(rows-1, last/columns+1); row++ {
		for column := max(0, first%columns-1); column <= min(columns-1, last%columns+1); column++ {
			all = append(all, aoi.Cell(row*columns+column))
		}
	}
	return all
}

// changed reports whether the tick did something to an entity.
func (i *inspector) changed(id world.ID) bool {
	byID := func(c world.Change, id world.ID) int { return cmp.Compare(c.Player, id) }
	_, is := slices.BinarySearchFunc(i.look.Out().Changes, id, byID)
	return is
}

// add notes what the player was told of somebody who is in the world, or why not.
func (i *inspector) add(slot world.Slot) {
	e, cell := i.look.At(slot), i.look.CellOf(slot)
	told, sent := i.told[e.ID]
	n := Inspected{
		ID: e.ID, Kind: e.Kind, Name: e.Name, At: e.At, Cell: cell, Hidden: e.Layer != world.Public, Bytes: told.Bytes,
		InView: i.From != aoi.None && e.Layer <= i.sees() && i.look.Grid().Near(i.From, cell),
	}
	switch {
	case sent:
		n.Why = i.whySent(slot, told.Records, n.InView)
	case i.Standing != press.NotWatched:
		n.Why, n.Within = i.untold(slot, i.changed(e.ID))
	case e.Layer > i.me.Sees:
		n.Why = press.Veiled
	default:
		n.Why = press.Absent
	}
	i.Entities = append(i.Entities, n)
}

// sees is the highest layer that the player is shown: in the classic dialect there is none but the public one.
func (i *inspector) sees() world.Layer {
	if i.Dialect == Native {
		return i.me.Sees
	}
	return world.Public
}

// whySent says why the player was told of somebody by such records.
func (i *inspector) whySent(of world.Slot, records press.Records, inView bool) press.Why {
	if records&press.RecordLeft != 0 && !inView {
		return press.Left
	}
	if i.Dialect == Native {
		return records.Why()
	}
	lane, caughtUp := i.audience.classic.Lane(i.slot, of)
	if caughtUp && records&press.RecordLeft == 0 {
		return press.CaughtUp
	}
	if records&press.RecordMoved != 0 {
		records = records&^press.RecordMoved | lane
	}
	return records.Why()
}
