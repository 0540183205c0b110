package world

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"time"
)

// CheckAlways is the LoopConfig.CheckEvery that has everything checked after every tick: for tests and simulations.
const CheckAlways = time.Nanosecond

// checkedAtOnce bounds the part of the world that is checked after one tick (slots and cells), so that a tick that came late, and
// so has a large part to check, does not make the next one late.
const checkedAtOnce = 1 << 14

// BrokenError says why a world does not go on, and how it was when it was good.
type BrokenError struct {
	World string
	// Tick is the one in which it was found. Nothing of it was shown to anybody, unless it was found after that.
	Tick uint64
	// Incident is what the log knows it by.
	Incident string
	// Cause wraps ErrBroken, or says what has panicked.
	Cause error
	// State is the canonical encoding of the world as it was last known to be good, when GoodTick had ended; nil if it never was.
	State    []byte
	GoodTick uint64
}

// Error says what is broken.
func (b *BrokenError) Error() string {
	return fmt.Sprintf("world %s, tick %d, incident %s: %v", b.World, b.Tick, b.Incident, b.Cause)
}

// Unwrap returns the cause.
func (b *BrokenError) Unwrap() error { return b.Cause }

// auditor remembers how far a world was checked, and how it was when that was done.
type auditor struct {
	next int       // the place from which on nothing was checked in this round
	kept [2]keeper // after the last round and the one before
}

// keeper is a copy of a world's state. One that was made when a round of checks had ended is good, unless something broke that
// had been checked before in the same round; the next round finds that. So of two copies the older one is good.
type keeper struct {
	tick  uint64 // 0 is none
	state World  // only what AppendState writes
}

// examine logs what failed of a tick's commands and of the games, under an incident each, and checks the whole world if anything
// has: it panics if that is broken. That the games' own tick fails is logged only once, until it has worked again.
func (l *Loop) examine(out *Output) {
	failing := false
	for i := range out.Failures {
		f := &out.Failures[i]
		f.Incident = incident()
		failing = failing || f.Player == 0
		if f.Player != 0 || !l.failing {
			l.log.Error("a command or a game failed",
				"incident", f.Incident, "tick", out.Tick, "player", f.Player, "fault", f.Fault, "stack", f.Stack)
		}
	}
	l.failing = failing
	if len(out.Failures) > 0 {
		insist(l.world.Check())
	}
}

// incident returns a name for something that has gone wrong.
func incident() string { return rand.Text()[:12] }

// audit checks as much of the world as is due, and what the audience has of it. It panics if that is broken. When everything was
// looked at, it keeps a copy and begins anew.
func (l *Loop) audit() {
	if l.cfg.CheckEvery <= 0 {
		return
	}
	insist(l.world.checkBooks())
	a, all := &l.auditor, l.world.places()
	end := a.next + l.dueChecks(all)
	for ; a.next < min(end, all); a.next++ {
		insist(l.world.checkPlace(a.next))
		if a.next < len(l.world.entities) {
			e := &l.world.entities[a.next]
			insist(l.audience.CheckSeat(Slot(a.next), e.player, e.epoch))
		}
	}
	if a.next >= all {
		a.next = 0
		a.kept[0], a.kept[1] = a.kept[1], a.kept[0]
		a.kept[0].tick = l.tick
		l.world.copyTo(&a.kept[0].state)
	}
}

// dueChecks returns how many places of all are to be checked after a tick: the part that the time since the tick before is of
// CheckEvery, at least one.
func (l *Loop) dueChecks(all int) int {
	if l.cfg.CheckEvery == CheckAlways {
		return all
	}
	part := float64(l.world.elapsed) / float64(l.cfg.CheckEvery)
	return max(1, int(min(part*float64(all), checkedAtOnce)))
}

// insist panics if something is broken.
func insist(err error) {
	if err != nil {
		panic(err)
	}
}

// stop is for Tick to defer: if something panics the world is broken, and the loop ends with it.
func (l *Loop) stop(err *error) {
	fault := recover()
	if fault == nil {
		return
	}
	cause, is := fault.(error)
	if !is || !errors.Is(cause, ErrBroken) {
		cause = fmt.Errorf("%w: panic: %v", ErrBroken, fault)
	}
	b := &BrokenError{World: l.cfg.Name, Tick: l.tick, Incident: incident(), Cause: cause}
	b.GoodTick, b.State = l.lastGood()
	l.log.Error("the world is broken, and stops", "incident", b.Incident, "tick", b.Tick, "fault", cause,
		"good_tick", b.GoodTick, "stack", string(debug.Stack()))
	l.broken = b
	*err = b
}

// lastGood returns the newest state that is good, and of which tick: the world's own, if that is not what is broken, or a copy.
func (l *Loop) lastGood() (tick uint64, state []byte) {
	if l.world.Check() == nil {
		return l.tick, l.world.AppendState(nil)
	}
	for i := range l.auditor.kept {
		k := &l.auditor.kept[i]
		if k.tick == 0 {
			continue
		}
		if state, good := k.state.encode(l.cfg.World); good {
			return k.tick, state
		}
	}
	return 0, nil
}

// copyTo copies a world's state to another one, which is good for encode alone. What games keep is shared: it is never changed.
func (w *World) copyTo(dst *World) {
	dst.now, dst.chat, dst.ids = w.now, w.chat, w.ids
	dst.entities = append(dst.entities[:0], w.entities...)
	if dst.shared == nil {
		dst.shared, dst.index = make(map[string][]byte), make(map[ID]Slot)
	}
	clear(dst.shared)
	maps.Copy(dst.shared, w.shared)
}

// encode returns the canonical encoding of a copy, and whether it is that of a good world.
func (w *World) encode(cfg Config) (state []byte, good bool) {
	here := 0
	clear(w.index)
	for slot := range w.entities {
		if id := w.entities[slot].player; id != 0 {
			w.index[id] = Slot(slot)
			here++
		}
	}
	state = w.AppendState(nil)
	restored, err := Restore(cfg, state)
	return state, err == nil && restored.Entities() == here && restored.Check() == nil
}
