package world

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/aoi"
)

// recorder is an audience that writes down what is asked of it.
type recorder struct {
	calls []string
	ticks []uint64
	times []time.Time
	nows  []time.Duration
	// unseated is what is wrong with all seats.
	unseated error

	mu    sync.Mutex
	delay func(tick int) time.Duration // guarded by mu
}

// slow has delivering take so long from now on.
func (r *recorder) slow(delay func(tick int) time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delay = delay
}

func (r *recorder) Sample(now time.Time) {
	r.calls = append(r.calls, "sample")
	r.times = append(r.times, now)
}

func (r *recorder) Encode(out *Output) {
	r.calls = append(r.calls, "encode")
	r.ticks = append(r.ticks, out.Tick)
	r.nows = append(r.nows, out.Now)
}

func (r *recorder) Compose() { r.calls = append(r.calls, "compose") }

func (r *recorder) Deliver() {
	r.calls = append(r.calls, "deliver")
	r.mu.Lock()
	delay := r.delay
	r.mu.Unlock()
	if delay != nil {
		<-time.After(delay(len(r.ticks)))
	}
}

func (r *recorder) CheckSeat(Slot, ID, Epoch) error { return r.unseated }

// tick ticks, and fails the test if the world is broken.
func tick(t testing.TB, l *Loop, now time.Time) {
	t.Helper()
	if err := l.Tick(now); err != nil {
		t.Fatal(err)
	}
}

// newTestLoop returns a loop of the small world at 20 Hz whose reports and logs are kept.
func newTestLoop(t *testing.T, audience Audience) (l *Loop, reports *[]TickReport, log *bytes.Buffer) {
	reports, log = &[]TickReport{}, &bytes.Buffer{}
	l, err := NewLoop(LoopConfig{
		Name: "main", World: small(), Pace: PaceConfig{TickRate: 20}, MaxChats: 2, CheckEvery: CheckAlways,
		Observe: func(r TickReport) { *reports = append(*reports, r) },
	}, audience, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return l, reports, log
}

// runFor runs a loop for some virtual time.
func runFor(l *Loop, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	if err := l.Run(ctx); err != nil {
		panic(err)
	}
}

func TestPhasesComeInOrder(t *testing.T) {
	r := &recorder{}
	l, _, _ := newTestLoop(t, r)
	tick(t, l, time.Now())
	if want := []string{"sample", "encode", "compose", "deliver"}; !slices.Equal(r.calls, want) {
		t.Errorf("calls %v, want %v", r.calls, want)
	}
}

func TestLoopKeepsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		l, reports, _ := newTestLoop(t, r)
		start := time.Now()
		runFor(l, 10*time.Second-time.Millisecond)
		if len(r.ticks) != 200 {
			t.Fatalf("%d ticks in 10 s at 20 Hz", len(r.ticks))
		}
		for i, at := range r.times {
			due := time.Duration(i) * 50 * time.Millisecond
			if at.Sub(start) != due || r.ticks[i] != uint64(i+1) || r.nows[i] != due || (*reports)[i].Late != 0 {
				t.Fatalf("tick %d at %v with Now %v, late %v", r.ticks[i], at.Sub(start), r.nows[i], (*reports)[i].Late)
			}
		}
	})
}

func TestShortDelaysAreMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{delay: func(tick int) time.Duration {
			if tick == 10 {
				return 140 * time.Millisecond
			}
			return 0
		}}
		l, reports, _ := newTestLoop(t, r)
		runFor(l, 5*time.Second-time.Millisecond)
		if len(r.ticks) != 100 {
			t.Errorf("%d ticks in 5 s, want 100: a delay of 140 ms was not made up for", len(r.ticks))
		}
		if late := (*reports)[10].Late; late != 90*time.Millisecond {
			t.Errorf("the tick after a delay of 140 ms is reported %v late, want 90ms", late)
		}
	})
}

func TestLongDelaysAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{delay: func(tick int) time.Duration {
			if tick == 10 {
				return time.Second
			}
			return 0
		}}
		l, reports, log := newTestLoop(t, r)
		runFor(l, 5*time.Second-time.Millisecond)
		if got := (*reports)[10].Skipped; got != 19 || len(r.ticks) != 100-19 {
			t.Errorf("%d ticks were skipped and %d run, want 19 and 81", got, len(r.ticks))
		}
		if gap := r.times[11].Sub(r.times[10]); gap > 50*time.Millisecond {
			t.Errorf("the loop is off its rate by %v after a delay", gap)
		}
		if !strings.Contains(log.String(), "ticks=19") {
			t.Errorf("the log does not tell of it: %s", log)
		}
	})
}

func TestLoopReportsWhatHappened(t *testing.T) {
	l, reports, _ := newTestLoop(t, &recorder{})
	a := l.Join(Join{Player: 1, Epoch: 1})
	b := l.Join(Join{Player: 2, Epoch: 1})
	tick(t, l, time.Now())
	a.Move(at(1, 1), 0)
	a.Move(at(2, 2), 0)
	b.Move(Position{X: float32(math.Inf(1))}, 0)
	if err := b.Chat(ToAll, "x"); err != nil {
		t.Error(err)
	}
	l.Join(Join{Player: 9, Epoch: 1}).Leave()
	tick(t, l, time.Now())
	r := (*reports)[1]
	if r.Players != 2 || r.Moves != 1 || r.Conflated != 1 || r.Chats != 1 || r.Refused[BadPosition] != 1 || r.World != "main" {
		t.Errorf("report %+v", r)
	}
	if s := l.Snapshot(); s.Tick != 2 || s.Players != 2 || s.World != "main" {
		t.Errorf("snapshot %+v", s)
	}
}

func TestImpossibleLoops(t *testing.T) {
	for _, rate := range []float64{0, -1, math.NaN()} {
		if _, err := NewLoop(LoopConfig{World: small(), Pace: PaceConfig{TickRate: rate}}, &recorder{}, slog.Default()); !errors.Is(err, ErrConfig) {
			t.Errorf("tick rate %v: error %v", rate, err)
		}
	}
	if _, err := NewLoop(LoopConfig{Pace: PaceConfig{TickRate: 20}}, &recorder{}, slog.Default()); !errors.Is(err, aoi.ErrGrid) {
		t.Errorf("no grid: error %v", err)
	}
}

func TestManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewManager()
		l, _, _ := newTestLoop(t, &recorder{})
		if err := m.Add(l); err != nil {
			t.Fatal(err)
		}
		if err := m.Add(l); !errors.Is(err, ErrDuplicate) {
			t.Errorf("added twice: error %v", err)
		}
		if found, err := m.World("main"); found != l || err != nil {
			t.Errorf("World(main) = %v, %v", found, err)
		}
		if _, err := m.World("moon"); !errors.Is(err, ErrNoWorld) {
			t.Errorf("World(moon): error %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := m.Run(ctx); err != nil {
			t.Error(err)
		}
		if s := m.Snapshots(); len(s) != 1 || s[0].Tick == 0 {
			t.Errorf("after a second: %+v", s)
		}
	})
}

func TestIDs(t *testing.T) {
	m := NewManager()
	for want := ID(1); want < 4; want++ {
		if id, err := m.NextID(); id != want || err != nil {
			t.Errorf("NextID() = %d, %v, want %d", id, err, want)
		}
	}
	m.lastID.Store(math.MaxInt32 - 1)
	if id, err := m.NextID(); id != math.MaxInt32 || err != nil {
		t.Errorf("the last id: %d, %v", id, err)
	}
	if _, err := m.NextID(); !errors.Is(err, ErrNoIDs) {
		t.Errorf("beyond the last id: error %v", err)
	}
}

// newQuietLoop returns a loop that nobody watches, and its log.
func newQuietLoop(t *testing.T, cfg LoopConfig) (*Loop, *bytes.Buffer) {
	log := &bytes.Buffer{}
	l, err := NewLoop(cfg, &recorder{}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return l, log
}
