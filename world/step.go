package world

import (
	"cmp"
	"slices"
	"time"

	"aoiworld/aoi"
)

// World is the state of one world. It belongs to one goroutine, and nothing but Step changes it.
type World struct {
	cfg   Config
	rules Rules
	now   time.Duration
	chat  allowance

	ids    IDRange           // for what games spawn
	shared map[string][]byte // the games' state of the world as a whole
	kinds  map[Kind][]ID     // everybody who is no player, by ascending id

	cells    *aoi.Manager
	entities []entity    // by slot
	index    map[ID]Slot // ranged over only where the order is made up for
	players  int         // how many of the entities are players
	free     []Slot      // slots to use again, the last one first

	elapsed time.Duration // since the tick before

	touched []Slot   // in this tick, each once
	marked  []Slot   // in this tick, each once
	keys    []uint64 // of the touched: the id, and the slot below it
	out     Output   // its memory is used again
}

// New returns an empty world, or an error that wraps ErrConfig or aoi.ErrGrid.
func New(cfg Config) (*World, error) {
	grid, err := aoi.NewGrid(cfg.Grid)
	if err != nil {
		return nil, err
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &World{
		cfg:    cfg,
		rules:  Rules{bounds: cfg.Grid.Bounds},
		chat:   allowance{left: cfg.chatBurst()},
		cells:  aoi.NewManager(grid),
		index:  make(map[ID]Slot),
		shared: make(map[string][]byte),
		kinds:  make(map[Kind][]ID),
	}, nil
}

// Step applies a tick's commands and returns what happened. The output is valid until the next Step.
func (w *World) Step(in *Input) *Output {
	w.begin(in)
	each(w, in.Joins, w.join)
	each(w, in.Resumes, w.resume)
	each(w, in.Moves, w.move)
	each(w, in.Chats, w.say)
	each(w, in.Gestures, w.gesture)
	each(w, in.Acts, w.act)
	for _, o := range in.Orders {
		w.out.Ordered = append(w.out.Ordered, w.carryOut(o))
	}
	w.tickGames()
	each(w, in.Leaves, w.leave)
	w.observe()
	return &w.out
}

// each applies commands one after the other. One that panics is a failure of its player's, and the others are applied: whether
// the world has come to harm is for Check to say.
func each[C interface{ by() ID }](w *World, commands []C, apply func(C)) {
	for next := 0; next < len(commands); {
		func() {
			defer func() {
				if fault := recover(); fault != nil {
					w.fail(commands[next-1].by(), fault)
				}
			}()
			for next < len(commands) {
				next++
				apply(commands[next-1])
			}
		}()
	}
}

// Players returns the number of players in the world.
func (w *World) Players() int { return w.players }

// Entities returns the number of everybody and everything in the world, players included.
func (w *World) Entities() int { return len(w.index) }

// Grid returns the world's geometry.
func (w *World) Grid() *aoi.Grid { return w.cells.Grid }

// begin starts an empty output.
func (w *World) begin(in *Input) {
	before := w.now
	w.now = max(w.now, in.Now)
	w.elapsed = w.now - before
	if in.IDs.Count > 0 {
		w.ids = in.IDs
	}
	regrid := w.regrid(in.Grid)
	clear(w.out.Chats) // let go of the texts
	clear(w.out.Marks)
	clear(w.out.Told)
	clear(w.out.Ordered)
	w.out = Output{
		Tick:     in.Tick,
		Now:      w.now,
		Grid:     regrid,
		Load:     in.Load,
		Changes:  w.out.Changes[:0],
		Resumed:  w.out.Resumed[:0],
		Gestures: w.out.Gestures[:0],
		Chats:    w.out.Chats[:0],
		Marks:    w.out.Marks[:0],
		Told:     w.out.Told[:0],
		Refusals: w.out.Refusals[:0],
		Departed: w.out.Departed[:0],
		Ordered:  w.out.Ordered[:0],
	}
	w.touched, w.marked = w.touched[:0], w.marked[:0]
}

// join puts a newcomer at its spawn point. A player that is already here stays as it is.
func (w *World) join(j Join) {
	if _, here := w.index[j.Player]; here {
		w.out.Dropped++
		return
	}
	if len(j.Name) > MaxName {
		j.Name = ""
	}
	layer := min(j.Layer, Layers-1)
	w.joined(w.add(entity{
		player: j.Player,
		epoch:  j.Epoch,
		name:   j.Name,
		layer:  layer,
		sees:   max(layer, min(j.Sees, Layers-1)),
		at:     w.cfg.spawnPoint(j.Player),
		travel: allowance{left: creditSeconds * w.cfg.Movement.MaxSpeed, at: w.now},
	}))
}

// add puts an entity into the world and returns its slot.
func (w *World) add(e entity) Slot {
	slot := w.newSlot()
	w.entities[slot] = e
	w.index[e.player] = slot
	w.count(e.kind, e.player)
	w.touch(slot) // while it is nowhere yet
	w.cells.Add(slot, e.at.X, e.at.Z)
	if e.kind != PlayerKind || e.name != "" {
		w.mark(slot)
	}
	return slot
}

// resume hands a player over to another session, unless that is an older one.
func (w *World) resume(r Resume) {
	slot, here := w.index[r.Player]
	if !here || w.entities[slot].epoch >= r.Epoch {
		w.out.Dropped++
		return
	}
	w.entities[slot].epoch = r.Epoch
	w.out.Resumed = append(w.out.Resumed, Resumed{Player: r.Player, Slot: slot})
}

// newSlot returns a free slot.
func (w *World) newSlot() Slot {
	if n := len(w.free); n > 0 {
		slot := w.free[n-1]
		w.free = w.free[:n-1]
		return slot
	}
	w.entities = append(w.entities, entity{})
	return Slot(len(w.entities) - 1)
}

// find returns the slot of a command's player. A stranger or a stale epoch is counted as dropped.
func (w *World) find(player ID, epoch Epoch) (Slot, bool) {
	slot, here := w.index[player]
	if !here || w.entities[slot].epoch != epoch {
		w.out.Dropped++
		return 0, false
	}
	return slot, true
}

// move applies a move, or refuses it.
func (w *World) move(m Move) {
	slot, ok := w.find(m.Player, m.Epoch)
	if !ok {
		return
	}
	reason := m.Refused
	if m.Valid {
		if verdict := w.judge(slot, m.To); verdict == Accepted {
			w.place(slot, m.To)
			w.entities[slot].sequence = m.Sequence
			w.out.Moved++
		} else {
			reason = verdict
		}
	}
	if reason != Accepted {
		w.refuse(slot, reason, m.Sequence)
	}
}

// judge decides on a move and charges it to the mover's speed budget.
func (w *World) judge(slot Slot, to Position) Reason {
	if reason := w.rules.Check(to); reason != Accepted {
		return reason
	}
	e := &w.entities[slot]
	if e.stale(w.now, to) {
		return Teleported
	}
	speed := w.cfg.Movement.MaxSpeed
	if speed == 0 || w.cfg.Movement.Mode == MovementOff || w.cfg.Movement.Mode == "" {
		return Accepted
	}
	if e.travel.spend(w.now, distance(e.at, to), overspeed*speed, creditSeconds*speed) {
		return Accepted
	}
	w.out.TooFast++
	if w.cfg.Movement.Mode == MovementLog {
		return Accepted
	}
	return TooFast
}

// place takes an entity to a position that was judged.
func (w *World) place(slot Slot, to Position) {
	w.touch(slot)
	w.entities[slot].at = to
	w.cells.Move(slot, to.X, to.Z)
}

// refuse notes a refusal of a command, of which a move has a number; observe completes it.
func (w *World) refuse(slot Slot, reason Reason, sequence uint32) {
	w.out.Refusals = append(w.out.Refusals, Refusal{
		Player: w.entities[slot].player, Slot: slot, Reason: reason, Sequence: sequence,
	})
}

// say accepts a chat as long as the world's allowance lasts.
func (w *World) say(c Chat) {
	slot, ok := w.find(c.Player, c.Epoch)
	if !ok {
		return
	}
	if rate := w.cfg.ChatRate; rate > 0 && !w.chat.spend(w.now, 1, rate, w.cfg.chatBurst()) {
		w.refuse(slot, ChatBusy, 0)
		return
	}
	e := &w.entities[slot]
	w.out.Chats = append(w.out.Chats, Said{Chat: c, Slot: slot, Name: e.name, Cell: w.cells.CellOf(slot), Layer: e.layer})
}

// gesture shows a gesture.
func (w *World) gesture(g Gesture) {
	if slot, ok := w.find(g.Player, g.Epoch); ok {
		w.out.Gestures = append(w.out.Gestures, Gestured{
			Gesture: g, Slot: slot, Cell: w.cells.CellOf(slot), Layer: w.entities[slot].layer,
		})
	}
}

// leave takes a player out.
func (w *World) leave(l Leave) {
	slot, ok := w.find(l.Player, l.Epoch)
	if !ok {
		return
	}
	w.leaving(slot)
	w.remove(slot)
	w.out.Departed = append(w.out.Departed, l)
}

// remove takes an entity out of the world. Its slot is free from the next tick on.
func (w *World) remove(slot Slot) {
	w.touch(slot)
	w.cells.Remove(slot)
	e := &w.entities[slot]
	delete(w.index, e.player)
	w.discount(e.kind, e.player)
}

// touch remembers where an entity was before its first change in this tick.
func (w *World) touch(slot Slot) {
	e := &w.entities[slot]
	if !e.touched {
		e.touched, e.before, e.was = true, w.cells.CellOf(slot), e.layer
		w.touched = append(w.touched, slot)
	}
}

// mark notes that an entity's kind, name or attributes are to be shown anew.
func (w *World) mark(slot Slot) {
	e := &w.entities[slot]
	if !e.marked {
		e.marked = true
		w.marked = append(w.marked, slot)
	}
}

// observe turns what was touched into changes, drops what nobody may see, and frees the slots of who left.
func (w *World) observe() {
	w.out.Refusals = slices.DeleteFunc(w.out.Refusals, func(r Refusal) bool { return w.gone(r.Slot) })
	for i := range w.out.Refusals {
		w.out.Refusals[i].At = w.entities[w.out.Refusals[i].Slot].at
	}
	w.out.Chats = slices.DeleteFunc(w.out.Chats, func(s Said) bool { return w.neverWas(s.Slot) })
	w.out.Gestures = slices.DeleteFunc(w.out.Gestures, func(g Gestured) bool { return w.neverWas(g.Slot) })
	w.out.Resumed = slices.DeleteFunc(w.out.Resumed, func(r Resumed) bool { return w.gone(r.Slot) })
	for _, slot := range w.sortTouched() {
		e := &w.entities[slot]
		e.touched = false
		c := Change{
			Player: e.player, Slot: slot, Before: e.before, After: w.cells.CellOf(slot), LayerBefore: e.was, Layer: e.layer,
			Sees: e.sees, At: e.at, Sequence: e.sequence,
		}
		if c.Joined() {
			c.LayerBefore = c.Layer
		}
		e.sequence = 0
		if c.Before != aoi.None || c.After != aoi.None {
			w.out.Changes = append(w.out.Changes, c)
		}
		if c.After == aoi.None {
			*e = entity{}
			w.free = append(w.free, slot)
		}
	}
	w.observeMarks()
}

// sortTouched puts the touched into the order of their ids, and returns them.
func (w *World) sortTouched() []Slot {
	w.keys = w.keys[:0]
	for _, slot := range w.touched {
		w.keys = append(w.keys, uint64(w.entities[slot].player)<<32|uint64(slot))
	}
	slices.Sort(w.keys)
	for i, key := range w.keys {
		w.touched[i] = Slot(uint32(key))
	}
	return w.touched
}

// observeMarks turns what was marked into marks.
func (w *World) observeMarks() {
	for _, slot := range w.marked {
		e := &w.entities[slot]
		e.marked = false
		if !w.gone(slot) {
			mark := Mark{Player: e.player, Slot: slot, Kind: e.kind, Name: e.name, Attributes: e.attributes}
			w.out.Marks = append(w.out.Marks, mark)
		}
	}
	slices.SortFunc(w.out.Marks, func(a, b Mark) int { return cmp.Compare(a.Player, b.Player) })
}

// gone reports whether the slot's entity left in this tick.
func (w *World) gone(slot Slot) bool { return w.cells.CellOf(slot) == aoi.None }

// neverWas reports whether the slot's entity joined and left in this very tick, which makes it invisible to all.
func (w *World) neverWas(slot Slot) bool { return w.gone(slot) && w.entities[slot].before == aoi.None }
