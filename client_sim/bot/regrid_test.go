package bot

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// recut is a run in which the world is cut anew four times, each of two rounds, by whoever is asked to.
func recut(s *reference, regrid func(ctx context.Context, columns, rows int) error) Config {
	cfg := small(s)
	cfg.Churn, cfg.Regrids, cfg.Settle = 0, 2, 300*time.Millisecond
	cfg.Regrid = regrid
	return cfg
}

// TestAWorldThatIsCutAnew is held against the truth in the cells that it has, and has those in the end that it had before.
func TestAWorldThatIsCutAnew(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		var last atomic.Int64
		cuts := 0
		r := s.play(t, recut(s, func(ctx context.Context, columns, rows int) error {
			cuts++
			last.Store(int64(1000*columns + rows))
			return s.regrid(ctx, columns, rows)
		}))
		if !r.Good() || r.Violations > 0 || r.Regrids != 4 || cuts != 5 || last.Load() != 10_020 {
			t.Errorf("cut %d times, in the end into %d\n%s", cuts, last.Load(), text(r))
		}
		if !strings.Contains(text(r), "re-grids     4 while the bots moved\n") {
			t.Error(text(r))
		}
	})
}

// TestAServerThatDoesNotCutItsWorld but says so is found out.
func TestAServerThatDoesNotCutItsWorld(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		if r := s.play(t, recut(s, func(context.Context, int, int) error { return nil })); r.Violations == 0 {
			t.Error(text(r))
		}
	})
}

// TestACutThatIsRefused is a failure, and the bots go on in the world that there is.
func TestACutThatIsRefused(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		r := s.play(t, recut(s, func(context.Context, int, int) error { return errors.New("not today") }))
		if r.Violations > 0 || r.Regrids != 0 || len(r.Failures) != 5 || !strings.Contains(r.Failures[0], "not today") {
			t.Error(text(r))
		}
	})
}

// TestCutsDiffer: each is another than the one before, of half to twice as many columns and rows as were configured.
func TestCutsDiffer(t *testing.T) {
	for _, size := range []int{1, 2, 7} {
		cfg := Defaults()
		cfg.World.Columns, cfg.World.Rows = size, size
		f := &fleet{cfg: cfg, atlas: newAtlas(cfg.World, true)}
		r := newRegrids(f)
		for range 100 {
			before, next := f.atlas.now(), r.another()
			if next == before || next.Columns < max(1, size/2) || next.Columns > 2*size || next.Rows < max(1, size/2) || next.Rows > 2*size {
				t.Fatalf("%+v after %+v", next, before)
			}
			f.atlas.become(next)
		}
	}
}
