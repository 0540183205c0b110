package world

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aoiworld/aoi"
)

// harms are the ways in which a world can break: each does one harm to it, as a bug would, to what entity 2, in slot 1, has to do
// with. Entity 5 is a thing, 1 to 3 are players.
var harms = map[string]func(w *World){
	"moved, and its cell was not":    func(w *World) { w.entities[1].at = at(25, 25) },
	"its cell moved, and it did not": func(w *World) { w.cells.Move(1, 25, 25) },
	"at no number":                   func(w *World) { w.entities[1].at.Y = float32(math.NaN()) },
	"out of the map":                 func(w *World) { w.entities[1].at.X = 31 },
	"in no cell":                     func(w *World) { w.cells.Remove(1) },
	"gone, and its cell has it":      func(w *World) { delete(w.index, 2); w.players--; w.entities[1].player = 0 },
	"gone, and still found":          func(w *World) { w.cells.Remove(1); w.entities[1] = entity{}; w.free = append(w.free, 1) },
	"twice":                          func(w *World) { w.adopt(w.entities[1]) },
	"found as another":               func(w *World) { w.index[2], w.index[1] = w.index[1], w.index[2] },
	"two of one id":                  func(w *World) { w.entities[1].player = 1 },
	"id 0":                           func(w *World) { w.entities[1].player = 0 },
	"id below 0":                     func(w *World) { delete(w.index, 2); w.entities[1].player = -2; w.index[-2] = 1 },
	"a player too many":              func(w *World) { w.players++ },
	"a thing too few":                func(w *World) { w.kinds[20] = nil },
	"a thing in another list":        func(w *World) { w.kinds[21], w.kinds[20] = w.kinds[20], nil },
	"a slot that is lost":            func(w *World) { w.newSlot() },
	"a free slot in use":             func(w *World) { w.newSlot(); w.free = append(w.free, 1) },
	"a slot that is free twice":      func(w *World) { w.newSlot(); w.newSlot(); w.free = append(w.free, 5, 5) },
	"a layer that there is not":      func(w *World) { w.entities[1].layer = Layers },
	"a layer that it does not see":   func(w *World) { w.entities[1].layer = Hidden },
	"a budget that is none":          func(w *World) { w.entities[1].travel.left = math.NaN() },
	"a budget of the future":         func(w *World) { w.entities[1].travel.left = math.Inf(1) },
	"a name that is too long":        func(w *World) { w.entities[1].name = strings.Repeat("x", MaxName+1) },
	"too much state":                 func(w *World) { w.entities[1].state = make([]byte, MaxState+1) },
	"too many attributes":            func(w *World) { w.entities[1].attributes = make([]byte, MaxAttributes+1) },
	"a change that is not told":      func(w *World) { w.touch(1) },
	"a mark that is not told":        func(w *World) { w.mark(1) },
	"a time before the beginning":    func(w *World) { w.now = -1 },
	"a chat allowance that is none":  func(w *World) { w.chat.left = math.NaN() },
	"ids beyond all":                 func(w *World) { w.ids = IDRange{First: math.MaxInt32, Count: 2} },
}

// unseen are the harms that only Check finds, which looks at everything at once: the one comes to light before the slot is used a
// second time, the other is made good by the next tick.
var unseen = map[string]bool{"a slot that is free twice": true, "a time before the beginning": true}

// sound returns a loop of a world that is sound, with somebody in it and something, after some ticks.
func sound(t testing.TB, every time.Duration) (*Loop, *recorder, *bytes.Buffer) {
	cfg := LoopConfig{Name: "main", World: small(), Pace: PaceConfig{TickRate: 20}, CheckEvery: every}
	cfg.World.Movement = Movement{Mode: MovementEnforce, MaxSpeed: 10}
	cfg.World.Games = []Game{{Joined: func(tx *Tx, who Entity) {
		if who.ID == 3 {
			_, _ = tx.Spawn(20, at(15, 15))
		}
	}}}
	audience, log := &recorder{}, &bytes.Buffer{}
	l, err := NewLoop(cfg, audience, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	l.world.ids = IDRange{First: 5, Count: 3}
	for id := range ID(3) {
		l.Join(Join{Player: id + 1, Epoch: 1, Name: "x"})
	}
	l.Join(Join{Player: 9, Epoch: 1})
	for range 4 {
		tick(t, l, epoch.Add(time.Duration(l.tick)*50*time.Millisecond))
	}
	return l, audience, log
}

// epoch is when the tests' worlds begin.
var epoch = time.Unix(1_000_000, 0)

// next ticks 50 ms later.
func next(l *Loop) error { return l.Tick(epoch.Add(time.Duration(l.tick) * 50 * time.Millisecond)) }

// TestHarmIsFound: Check finds whatever can be wrong with a world.
func TestHarmIsFound(t *testing.T) {
	l, _, _ := sound(t, 0)
	if err := l.world.Check(); err != nil || l.world.entities[1].player != 2 || l.world.kinds[20][0] != 5 {
		t.Fatalf("a sound world: %v", err)
	}
	for name, harm := range harms {
		l, _, _ := sound(t, 0)
		harm(l.world)
		if err := l.world.Check(); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: found %v", name, err)
		}
	}
}

// TestHarmIsFoundInTime: a world of which a part is checked after each tick ends within the time for the whole, before that breaks
// something else. What it leaves is a state in which it was good.
func TestHarmIsFoundInTime(t *testing.T) {
	for name, harm := range harms {
		if unseen[name] {
			continue
		}
		l, _, log := sound(t, time.Second)
		for range 25 {
			tick(t, l, epoch.Add(time.Duration(l.tick)*50*time.Millisecond))
		}
		good := l.tick
		harm(l.world)
		var broken *BrokenError
		for range 21 {
			if err := next(l); err != nil && !errors.As(err, &broken) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if broken == nil || !errors.Is(broken, ErrBroken) {
			t.Errorf("%s: not found in a second", name)
			continue
		}
		w, err := Restore(l.cfg.World, broken.State)
		if err != nil || w.Entities() != 5 || w.entities[w.index[2]].at != at(5, 5) || broken.GoodTick > good || broken.GoodTick+41 < good {
			t.Errorf("%s: what is left is of tick %d, %d were good: %v", name, broken.GoodTick, good, err)
		}
		if !strings.Contains(log.String(), broken.Incident) {
			t.Errorf("%s: the log does not know of incident %s", name, broken.Incident)
		}
	}
}

// ruins is a command with a bug that harms the world, or only itself.
type ruins struct{ harm func(w *World) }

func (r ruins) Apply(tx *Tx, _ Entity) {
	r.harm(tx.world)
	panic("a bug")
}

// TestHarmOfACommandEndsAtOnce: a command that panics is dropped, and the world is checked: it goes on, or ends before anybody is
// told of it, and leaves how it was.
func TestHarmOfACommandEndsAtOnce(t *testing.T) {
	for name, harm := range harms {
		if strings.Contains(name, "not told") {
			continue // before the tick ends all changes are
		}
		l, audience, log := sound(t, time.Hour)
		l.audit() // it keeps a copy once everything was checked
		for l.auditor.kept[0].tick == 0 {
			l.audit()
		}
		good, told := l.world.Hash(), len(audience.ticks)
		l.mailbox.filling.Acts = append(l.mailbox.filling.Acts, Act{Player: 1, Epoch: 1, Command: ruins{harm}})
		err := next(l)
		var broken *BrokenError
		if !errors.As(err, &broken) || len(audience.ticks) != told {
			t.Errorf("%s: %v, and %d ticks were shown", name, err, len(audience.ticks)-told)
			continue
		}
		w, restored := Restore(l.cfg.World, broken.State)
		if restored != nil || w.Hash() != good {
			t.Errorf("%s: what is left is another state: %v", name, restored)
		}
		if again := next(l); again != err || len(audience.ticks) != told {
			t.Errorf("%s: it goes on: %v", name, again)
		}
		if !strings.Contains(log.String(), "a bug") {
			t.Errorf("%s: the log does not say what has failed", name)
		}
	}
	l, audience, log := sound(t, time.Second)
	l.mailbox.filling.Acts = append(l.mailbox.filling.Acts, Act{Player: 1, Epoch: 1, Command: ruins{func(*World) {}}})
	if err := next(l); err != nil || len(audience.ticks) != 5 || !strings.Contains(log.String(), "player=1 fault=\"a bug\"") {
		t.Errorf("a bug that harms nothing: %v\n%s", err, log)
	}
}

// TestPanicsOfCommands: one that panics in the world's own code costs itself, and the others are applied.
func TestPanicsOfCommands(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: joins(1, 2, 3)})
	var applied []ID
	w.begin(&Input{Tick: 2})
	each(w, []Leave{leave(1), leave(2), leave(3)}, func(l Leave) {
		if l.Player == 2 {
			panic("a bug")
		}
		applied = append(applied, l.Player)
	})
	if len(applied) != 2 || applied[0] != 1 || applied[1] != 3 {
		t.Errorf("applied are those of %v", applied)
	}
	if f := w.out.Failures; len(f) != 1 || f[0].Player != 2 || f[0].Slot != 1 || f[0].Fault != "a bug" || f[0].Incident != "" {
		t.Errorf("failures %+v", f)
	}
}

// TestNamesThatAreTooLong: nobody's name breaks the world.
func TestNamesThatAreTooLong(t *testing.T) {
	w := mustNew(t, small())
	for i, length := range []int{0, 1, MaxName, MaxName + 1, 1 << 16} {
		step(w, &Input{Joins: []Join{{Player: ID(i + 1), Epoch: 1, Name: strings.Repeat("x", length)}}})
		if got := len(w.entities[i].name); got != length && (got != 0 || length <= MaxName) {
			t.Errorf("a name of %d bytes has %d", length, got)
		}
	}
}

// bad is an audience with a bug.
type bad struct{ recorder }

func (*bad) Compose() { panic("a bug in the view") }

// TestPanicOfATick: what panics outside commands ends the world, which leaves its state as it is.
func TestPanicOfATick(t *testing.T) {
	var log bytes.Buffer
	l, err := NewLoop(LoopConfig{
		Name: "main", World: small(), Pace: PaceConfig{TickRate: 20},
	}, &bad{}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	l.Join(Join{Player: 1, Epoch: 1})
	var broken *BrokenError
	if err := next(l); !errors.As(err, &broken) || !errors.Is(err, ErrBroken) || broken.GoodTick != 1 {
		t.Fatalf("it goes on: %v", err)
	}
	if w, err := Restore(small(), broken.State); err != nil || w.Players() != 1 {
		t.Errorf("what is left: %v", err)
	}
	if !strings.Contains(log.String(), "check_test.go") {
		t.Error("the stack does not say where")
	}
}

// TestSeatsAreChecked: what the audience holds against the world ends it, too.
func TestSeatsAreChecked(t *testing.T) {
	l, audience, _ := sound(t, CheckAlways)
	audience.unseated = ErrBroken
	if err := next(l); !errors.Is(err, ErrBroken) {
		t.Errorf("it goes on: %v", err)
	}
}

// TestNothingKept: without checks a world that breaks leaves nothing, and says so.
func TestNothingKept(t *testing.T) {
	l, _, _ := sound(t, 0)
	l.mailbox.filling.Acts = append(l.mailbox.filling.Acts, Act{Player: 1, Epoch: 1, Command: ruins{harms["twice"]}})
	var broken *BrokenError
	if err := next(l); !errors.As(err, &broken) || broken.State != nil || broken.GoodTick != 0 {
		t.Errorf("%v leaves %d bytes of tick %d", err, len(broken.State), broken.GoodTick)
	}
}

// TestChecksAreBounded: after a tick as large a part is checked as the time was long, and never too large a one.
func TestChecksAreBounded(t *testing.T) {
	l, _, _ := sound(t, time.Second)
	for _, c := range []struct {
		elapsed time.Duration
		all     int
		want    int
	}{
		{50 * time.Millisecond, 2000, 100},
		{0, 2000, 1},
		{time.Second, 2000, 2000},
		{time.Hour, 1 << 20, checkedAtOnce},
	} {
		l.world.elapsed = c.elapsed
		if got := l.dueChecks(c.all); got != c.want {
			t.Errorf("of %d after %v: %d are checked, want %d", c.all, c.elapsed, got, c.want)
		}
	}
}

// populated returns a world of so many who stand about.
func populated(t testing.TB, players int) *World {
	cfg := small()
	cfg.Grid = aoi.Config{Bounds: aoi.Bounds{MaxX: 300, MaxZ: 300}, Columns: 30, Rows: 30, Radius: 1}
	cfg.Spawn = cfg.Grid.Bounds
	w := mustNew(t, cfg)
	in := &Input{Tick: 1}
	for id := range ID(players) {
		in.Joins = append(in.Joins, Join{Player: id + 1, Epoch: 1})
	}
	w.Step(in)
	return w
}

// BenchmarkCheck is a second's checks of 2,000 entities, with the copy that is kept; BenchmarkMoves what their moves take in the
// same second, without encoding or sending anything.
func BenchmarkCheck(b *testing.B) {
	w := populated(b, 2000)
	var kept World
	b.ReportAllocs()
	for b.Loop() {
		for place := range w.places() {
			if err := w.checkPlace(place); err != nil {
				b.Fatal(err)
			}
		}
		w.copyTo(&kept)
	}
}

func BenchmarkMoves(b *testing.B) {
	w, random := populated(b, 2000), rand.New(rand.NewPCG(1, 1))
	in := &Input{Tick: 1}
	for id := range ID(2000) {
		in.Moves = append(in.Moves, Move{Player: id + 1, Epoch: 1, Valid: true})
	}
	b.ReportAllocs()
	for b.Loop() {
		for range 20 {
			in.Tick++
			in.Now += 50 * time.Millisecond
			for i := range in.Moves {
				in.Moves[i].To = at(random.Float32()*300, random.Float32()*300)
			}
			w.Step(in)
		}
	}
}
