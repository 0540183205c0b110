package world

import (
	"fmt"
	"runtime/debug"
)

// Game is what a game of one's own does in the tick. Functions that are nil do nothing. They run on the world's goroutine,
// so a slow one is a late tick for everybody. They must be pure: what they do may depend on the Tx alone, never on a clock,
// a random source of their own, or the order of a map, or the world cannot be replayed.
//
// What a game remembers belongs into the state of entities and of the world. There it is part of the world's hash, and
// of what Restore brings back.
type Game struct {
	// Joined is called for each player that came in, before anything else of its tick.
	Joined func(tx *Tx, who Entity)
	// Left is called for each player that leaves, at the end of its last tick, while it is still there.
	Left func(tx *Tx, who Entity)
	// Tick is called once a tick, after all commands.
	Tick func(tx *Tx)
}

// Command is something that a player does in a game of one's own: plain data that a message was turned into, with nothing
// in it that cannot be written down and read again (encoding/gob does so, for one). It is applied in the next tick.
type Command interface {
	// Apply does it, under the rules of Game. by is the player, as it is now.
	Apply(tx *Tx, by Entity)
}

// Failure is a command, or a piece of a game, that panicked. What it had done by then stays done.
type Failure struct {
	// Player is whose command, joining or leaving it was, in that slot if he is in the world; 0 for Game.Tick.
	Player ID
	Slot   Slot
	Fault  string
	Stack  string
	// Incident is what the session is told and the log knows it by. It is the loop's to fill in, for the world has no randomness.
	Incident string
}

// Error says what failed, in a line.
func (f Failure) Error() string {
	if f.Player == 0 {
		return "the game's tick failed: " + f.Fault
	}
	return fmt.Sprintf("the world failed on behalf of player %d: %s", f.Player, f.Fault)
}

// attempt runs a piece of a game on behalf of a player, or of nobody. If it panics the world goes on without it.
func (w *World) attempt(player ID, work func(tx *Tx)) {
	tx := &Tx{world: w}
	defer func() {
		tx.world = nil // whoever has kept it notices
		if fault := recover(); fault != nil {
			w.fail(player, fault)
		}
	}()
	work(tx)
}

// fail notes what panicked on behalf of a player, or of nobody. It is for the function that recovers.
func (w *World) fail(player ID, fault any) {
	w.out.Failures = append(w.out.Failures, Failure{
		Player: player, Slot: w.index[player], Fault: fmt.Sprint(fault), Stack: string(debug.Stack()),
	})
}

// act applies a player's command.
func (w *World) act(a Act) {
	slot, ok := w.find(a.Player, a.Epoch)
	if !ok {
		return
	}
	w.out.Acted++
	w.attempt(a.Player, func(tx *Tx) { a.Command.Apply(tx, w.entityAt(slot)) })
}

// joined tells the games of a newcomer.
func (w *World) joined(slot Slot) {
	for _, g := range w.cfg.Games {
		if g.Joined != nil {
			w.attempt(w.entities[slot].player, func(tx *Tx) { g.Joined(tx, w.entityAt(slot)) })
		}
	}
}

// leaving tells the games of a player that is about to leave.
func (w *World) leaving(slot Slot) {
	for _, g := range w.cfg.Games {
		if g.Left != nil {
			w.attempt(w.entities[slot].player, func(tx *Tx) { g.Left(tx, w.entityAt(slot)) })
		}
	}
}

// tickGames lets the games do what they do by themselves.
func (w *World) tickGames() {
	for _, g := range w.cfg.Games {
		if g.Tick != nil {
			w.attempt(0, g.Tick)
		}
	}
}
