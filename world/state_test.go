package world

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// lived returns a world with some history, whose budgets are in use.
func lived(t testing.TB, ticks int) (Config, *World) {
	cfg := small()
	cfg.Movement, cfg.ChatRate = Movement{Mode: MovementEnforce, MaxSpeed: 100}, 20
	w := mustNew(t, cfg)
	for _, in := range randomInputs(rand.New(rand.NewPCG(uint64(ticks), 2)), ticks) {
		w.Step(&in)
	}
	return cfg, w
}

// TestRestoredWorldGoesOn: a world that was written down and read again does what the original does.
func TestRestoredWorldGoesOn(t *testing.T) {
	for ticks := range 60 {
		cfg, w := lived(t, ticks)
		restored, err := Restore(cfg, w.AppendState(nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range randomInputs(rand.New(rand.NewPCG(1, 1)), 20) {
			in.Now += w.now
			want, got := w.Step(&in), restored.Step(&in)
			diff := cmp.Diff(withoutSlots(want.Changes), withoutSlots(got.Changes), cmpopts.EquateEmpty())
			if diff != "" || w.Hash() != restored.Hash() {
				t.Fatalf("after %d ticks the restored world differs:\n%s", ticks, diff)
			}
		}
	}
}

func TestRestoreRefusesWhatIsNoState(t *testing.T) {
	cfg, w := lived(t, 40)
	good := w.AppendState(nil)
	for n := range good {
		if _, err := Restore(cfg, good[:n]); !errors.Is(err, ErrState) {
			t.Fatalf("the first %d of %d bytes: error %v", n, len(good), err)
		}
	}
	for name, change := range map[string]func(b []byte){
		"version":         func(b []byte) { b[0] = 99 },
		"negative time":   func(b []byte) { b[8] = 0x80 },
		"chat allowance":  func(b []byte) { copy(b[9:], allowance{left: math.NaN()}.append(nil)) },
		"player 0":        func(b []byte) { copy(b[29:], []byte{0, 0, 0, 0}) },
		"player twice":    func(b []byte) { copy(b[29+entitySize:], b[29:33]) },
		"outside":         func(b []byte) { copy(b[37:], []byte{0, 0, 0x80, 0x7f}) },
		"speed allowance": func(b []byte) { copy(b[53:], allowance{left: math.Inf(1)}.append(nil)) },
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
	cfg, w := lived(f, 30)
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
