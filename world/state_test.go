package world

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// lived returns a world with some history, whose budgets are in use, and with a game in it or without.
func lived(t testing.TB, ticks int, game bool) (Config, *World) {
	cfg := small()
	cfg.Movement, cfg.ChatRate = Movement{Mode: MovementEnforce, MaxSpeed: 100}, 20
	w := mustNew(t, cfg)
	random := rand.New(rand.NewPCG(uint64(ticks), 2))
	inputs := randomInputs(random, ticks)
	if game {
		inputs = gamble(random, inputs)
	}
	for _, in := range inputs {
		step(w, &in)
	}
	return cfg, w
}

// TestRestoredWorldGoesOn: a world that was written down and read again does what the original does.
func TestRestoredWorldGoesOn(t *testing.T) {
	for ticks := range 60 {
		cfg, w := lived(t, ticks, true)
		restored, err := Restore(cfg, w.AppendState(nil))
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 1))
		for _, in := range gamble(random, randomInputs(random, 20)) {
			in.Now += w.now
			in.IDs.First += 1000 // nobody had them
			want, got := step(w, &in), restored.Step(&in)
			diff := cmp.Diff(withoutSlots(want.Changes), withoutSlots(got.Changes), cmpopts.EquateEmpty())
			if diff != "" || w.Hash() != restored.Hash() {
				t.Fatalf("after %d ticks the restored world differs:\n%s", ticks, diff)
			}
		}
	}
}

func TestRestoreRefusesWhatIsNoState(t *testing.T) {
	cfg, w := lived(t, 40, false)
	good := w.AppendState(nil)
	const first, size = 39, 63 // where the first entity begins, and how long one without attributes and state is
	for n := range good {
		if _, err := Restore(cfg, good[:n]); !errors.Is(err, ErrState) {
			t.Fatalf("the first %d of %d bytes: error %v", n, len(good), err)
		}
	}
	for name, change := range map[string]func(b []byte){
		"version":         func(b []byte) { b[0] = 99 },
		"negative time":   func(b []byte) { b[8] = 0x80 },
		"chat allowance":  func(b []byte) { copy(b[9:], allowance{left: math.NaN()}.append(nil)) },
		"ids":             func(b []byte) { b[32] = 0x80 },
		"shared state":    func(b []byte) { b[33] = 1 },
		"attributes":      func(b []byte) { b[first+59] = 1 },
		"player 0":        func(b []byte) { copy(b[first:], []byte{0, 0, 0, 0}) },
		"player twice":    func(b []byte) { copy(b[first+size:], b[first:first+4]) },
		"layer":           func(b []byte) { b[first+9] = 1 },
		"sight":           func(b []byte) { b[first+10] = byte(Layers) },
		"outside":         func(b []byte) { copy(b[first+11:], []byte{0, 0, 0x80, 0x7f}) },
		"speed allowance": func(b []byte) { copy(b[first+27:], allowance{left: math.Inf(1)}.append(nil)) },
		"taken from":      func(b []byte) { copy(b[first+43:], []byte{0, 0, 0x80, 0x7f}) },
	} {
		bad := append([]byte(nil), good...)
		change(bad)
		if _, err := Restore(cfg, bad); !errors.Is(err, ErrState) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	cfg.Grid.Columns = 0
	if _, err := Restore(cfg, good); err == nil {
		t.Error("an impossible config was accepted")
	}
}

// FuzzRestore: whatever is accepted is written down again as it was.
func FuzzRestore(f *testing.F) {
	cfg, w := lived(f, 30, true)
	f.Add(w.AppendState(nil))
	f.Add(mustNew(f, cfg).AppendState(nil))
	f.Fuzz(func(t *testing.T, state []byte) {
		w, err := Restore(cfg, state)
		if err != nil {
			return
		}
		if diff := cmp.Diff(state, w.AppendState(nil)); diff != "" {
			t.Fatalf("restored state is written differently:\n%s", diff)
		}
	})
}
