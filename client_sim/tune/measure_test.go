package tune

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/operator"
	"aoiworld/client_sim/study"
)

// server is a server that is not there: what a load takes follows from its settings.
type server struct {
	settings operator.Settings
	refuses  int     // columns that it does not cut itself into
	cheapest float64 // of its columns
	gone     bool
	runs     int
	fails    map[int]error // of runs, from 1 upwards
}

// newServer returns a server with the settings of the defaults.
func newServer() *server {
	return &server{cheapest: 16, settings: operator.Settings{
		operator.Columns: 10.0, operator.Rows: 20.0, operator.TickRate: 20.0, operator.ViewRadius: 2.0, "log.level": "info",
	}}
}

// Settings implements Operator.
func (s *server) Settings(context.Context) (operator.Settings, error) {
	if s.gone {
		return nil, errors.New("nobody answers")
	}
	return maps.Clone(s.settings), nil
}

// Change implements Operator.
func (s *server) Change(ctx context.Context, to operator.Settings) (operator.Settings, error) {
	if ctx.Err() != nil || s.gone {
		return nil, errors.New("nobody answers")
	}
	if to[operator.Columns] == s.refuses {
		return nil, operator.ErrRefused
	}
	for key, v := range to {
		if n, is := v.(int); is {
			v = float64(n)
		}
		s.settings[key] = v
	}
	return s.settings, nil
}

// play is a run: the bots must have been told what the server is.
func (s *server) play(t *testing.T) Play {
	return func(_ context.Context, cfg bot.Config) (bot.Report, error) {
		s.runs++
		if err := s.fails[s.runs]; err != nil {
			return bot.Report{}, err
		}
		w := cfg.World
		if s.settings[operator.Columns] != float64(w.Columns) || s.settings[operator.Rows] != float64(w.Rows) ||
			s.settings[operator.TickRate] != cfg.TickRate || w.Radius != 2 {
			t.Errorf("the bots suppose %+v at %v Hz, the server is %v", w, cfg.TickRate, s.settings)
		}
		cores := (math.Abs(math.Log(float64(w.Columns)/s.cheapest)) + 1) * cfg.TickRate / 100
		return bot.Report{
			Server: "127.0.0.1:9000", Motion: bot.Patrol, Dialect: bot.Native, Transport: bot.TCP,
			Bots: cfg.Bots, Joined: cfg.Bots, Audience: 20, UpdatesPerSecond: 1e5, BytesPerUpdate: float64(w.Columns),
			LatencyMillis: bot.Latency{P99: 60}, Settings: &bot.Settings{
				MinX: w.MinX, MaxX: w.MaxX, MinZ: w.MinZ, MaxZ: w.MaxZ, Columns: w.Columns, Rows: w.Rows, ViewRadius: w.Radius,
				TickRateHz: cfg.TickRate,
			}, ServerUse: &bot.ServerUse{Cores: cores},
		}, nil
	}
}

// measure carries out a plan in virtual time.
func (s *server) measure(t *testing.T, plan Plan) (report *Report, err error) {
	synctest.Test(t, func(t *testing.T) {
		run := bot.Defaults()
		run.Bots = 50
		run.Probe = func(context.Context) (bot.ServerCounters, error) { return bot.ServerCounters{}, nil }
		told := 0
		report, err = Measure(t.Context(), plan, run, s.play(t), s, func(*study.Load) { told++ })
		if report != nil && told != len(report.Loads) {
			t.Errorf("told of %d loads", told)
		}
	})
	return report, err
}

// minimal is a wish for few cores.
func minimal() Wish { return Wish{Minimise: Cores} }

// tried names the settings of a report.
func tried(r *Report) (all []string) {
	for i := range r.Loads {
		all = append(all, name(&r.Loads[i]))
	}
	return all
}

// TestEverythingIsTried, in turn, and the server is as it was afterwards.
func TestEverythingIsTried(t *testing.T) {
	for name, c := range map[string]struct {
		plan Plan
		want []string
		best int
	}{
		"grids": {
			Plan{Grids: []Grid{{5, 6}, {20, 10}}, Wish: minimal()}, []string{"5 × 6 cells at 20 Hz", "20 × 10 cells at 20 Hz"}, 1,
		},
		"tick rates": {
			Plan{TickRates: []float64{30, 10}, Wish: minimal()}, []string{"10 × 20 cells at 30 Hz", "10 × 20 cells at 10 Hz"}, 1,
		},
		"both": {Plan{Grids: []Grid{{16, 6}, {20, 10}}, TickRates: []float64{10, 20}, Wish: minimal()}, []string{
			"16 × 6 cells at 10 Hz", "20 × 10 cells at 10 Hz", "16 × 6 cells at 20 Hz", "20 × 10 cells at 20 Hz",
		}, 0},
	} {
		s := newServer()
		before := maps.Clone(s.settings)
		r, err := s.measure(t, c.plan)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, tried(r)); diff != "" || r.Recommended != c.best || !r.Good() {
			t.Errorf("%s: recommended %d (-want +got):\n%s", name, r.Recommended, diff)
		}
		if diff := cmp.Diff(before, s.settings); diff != "" || !cmp.Equal(before, r.ServerSettings) {
			t.Errorf("%s: the server has changed (-before +after):\n%s", name, diff)
		}
	}
}

// TestASearch keeps the proportion of columns and rows, and comes near the best.
func TestASearch(t *testing.T) {
	s := newServer()
	r, err := s.measure(t, Plan{Least: 5, Most: 80, Wish: minimal()})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Loads {
		if l.Rows != 2*l.Columns {
			t.Errorf("%d × %d cells", l.Columns, l.Rows)
		}
	}
	if best := r.Loads[r.Recommended]; best.Columns < 14 || best.Columns > 18 || len(r.Loads) > 12 {
		t.Errorf("%d columns, after %d runs", best.Columns, len(r.Loads))
	}
}

// TestASearchForWhoSeesFar puts no load on grids in which players see less: they are cheapest, and none of them will do.
func TestASearchForWhoSeesFar(t *testing.T) {
	s := newServer()
	s.cheapest = 80
	plan := Plan{Least: 5, Most: 80, Wish: minimal()}
	plan.Sight = 20 // with a radius of 2 cells of 325 units: at most 32 rows
	r, err := s.measure(t, plan)
	if err != nil {
		t.Fatal(err)
	}
	if best := r.Loads[r.Recommended]; best.Columns != 16 {
		t.Errorf("%d columns", best.Columns)
	}
	for i := range r.Loads {
		if l := &r.Loads[i]; l.Sight() < plan.Sight {
			t.Errorf("%d columns were tried", l.Columns)
		}
	}
	plan.Sight = 1000
	if _, err := s.measure(t, plan); !errors.Is(err, ErrPlan) {
		t.Errorf("a search for what no grid has: %v", err)
	}
}

// TestWhatGoesWrong: what was tried until then is told, and the server gets its settings back, unless it is gone.
func TestWhatGoesWrong(t *testing.T) {
	plan := Plan{Grids: []Grid{{5, 5}, {6, 6}, {7, 7}}, Wish: minimal()}
	refused := newServer()
	refused.refuses = 6
	r, err := refused.measure(t, plan)
	if err != nil || len(r.Loads) != 1 || r.Good() || !strings.Contains(r.Unfinished, "6 × 6 cells at 20 Hz: the server refused") ||
		refused.settings[operator.Columns] != 10.0 {
		t.Errorf("%v, %+v; %v", err, r, refused.settings)
	}
	first := newServer()
	first.fails = map[int]error{1: bot.ErrNobody}
	if _, err := first.measure(t, plan); !errors.Is(err, bot.ErrNobody) || first.settings[operator.Columns] != 10.0 {
		t.Errorf("%v; %v", err, first.settings)
	}
	lost := newServer()
	lost.fails = map[int]error{2: errors.New("it is gone")}
	synctest.Test(t, func(t *testing.T) {
		run := bot.Defaults()
		run.Probe = func(context.Context) (bot.ServerCounters, error) { return bot.ServerCounters{}, nil }
		r, err = Measure(t.Context(), plan, run, lost.play(t), lost, func(*study.Load) { lost.gone = lost.runs == 1 })
	})
	if err != nil || r.Good() || r.NotRestored == "" || len(r.Loads) != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "NOT RESTORED") ||
		!strings.Contains(text.String(), "world.columns=10") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// TestAStudyThatIsBrokenOff gives the settings back all the same.
func TestAStudyThatIsBrokenOff(t *testing.T) {
	s := newServer()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		run := bot.Defaults()
		run.Probe = func(context.Context) (bot.ServerCounters, error) { return bot.ServerCounters{}, nil }
		plan := Plan{Grids: []Grid{{5, 5}, {6, 6}}, Wish: minimal()}
		r, err := Measure(ctx, plan, run, s.play(t), s, func(*study.Load) { cancel() })
		if err != nil || len(r.Loads) != 1 || r.Unfinished == "" || r.NotRestored != "" || s.settings[operator.Columns] != 10.0 {
			t.Errorf("%v, %+v; %v", err, r, s.settings)
		}
	})
}

func TestImpossiblePlans(t *testing.T) {
	for name, plan := range map[string]Plan{
		"no wish":            {},
		"an unknown wish":    {Wish: Wish{Minimise: "trouble"}},
		"least of none":      {Most: 5, Wish: minimal()},
		"more than the most": {Least: 6, Most: 5, Wish: minimal()},
		"no cells":           {Grids: []Grid{{0, 1}}, Wish: minimal()},
		"no ticks":           {TickRates: []float64{0}, Wish: minimal()},
		"endless ticks":      {TickRates: []float64{math.Inf(1)}, Wish: minimal()},
		"grids and a search": {Grids: []Grid{{5, 5}}, Least: 5, Most: 80, Wish: minimal()},
		"sight below 0":      {Wish: Wish{Minimise: Bytes, Sight: -1}},
		"no tolerance":       {Wish: Wish{Minimise: P99, Tolerance: math.NaN()}},
	} {
		if err := plan.Check(); !errors.Is(err, ErrPlan) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Measure(t.Context(), plan, bot.Defaults(), nil, newServer(), nil); !errors.Is(err, ErrPlan) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Measure(t.Context(), Plan{Wish: minimal()}, bot.Defaults(), nil, newServer(), nil); !errors.Is(err, ErrPlan) {
		t.Errorf("for few cores, of a server that does not say what it takes: %v", err)
	}
	plan := Plan{Wish: Wish{Minimise: Bytes}}
	older := &server{settings: operator.Settings{operator.Columns: 10.0}}
	if _, err := Measure(t.Context(), plan, bot.Defaults(), nil, older, nil); !errors.Is(err, ErrPlan) {
		t.Errorf("a server that does not say how it is: %v", err)
	}
	if _, err := Measure(t.Context(), plan, bot.Defaults(), nil, &server{gone: true}, nil); err == nil {
		t.Error("a server that does not answer is tuned")
	}
}

func TestTheReport(t *testing.T) {
	s := newServer()
	plan := Plan{Grids: []Grid{{5, 10}, {16, 32}, {100, 200}}, Wish: Wish{Minimise: Cores, Sight: 4, Tolerance: 0.1}}
	r, err := s.measure(t, plan)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"columns × rows", "16 × 32", "0.20", "recommended  16 × 32 cells at 20 Hz: with 16 × 32 cells at 20 Hz the server took 0.2 cores",
		"OUT          100 × 200 cells at 20 Hz: players see 3.25 units, and are to see 4", "50 players",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
	sheet := r.Sheet()
	rows := sheet.Tables[0].Rows
	if sheet.Title != "16 × 32 cells at 20 Hz" || len(rows) != 3 || !rows[1].Marked || rows[0].Marked || len(sheet.Charts) != 4 {
		t.Errorf("%+v", sheet)
	}
	if by := sheet.Charts[0].Unit; by != "cores, by units that players see at least" {
		t.Error(by)
	}
	if line := plan.Line(&r.Loads[2]); !strings.Contains(line, "OUT: players see 3.25 units") {
		t.Error(line)
	}
	r.Loads[1].Server = nil
	if line, cells := plan.Line(&r.Loads[1]), r.table().Rows[1].Cells; !strings.Contains(line, "server – cores") ||
		!strings.Contains(line, "OUT: what the server took is not known") || !slices.Contains(cells, "–") {
		t.Errorf("a load whose server was not asked: %s, %v", line, cells)
	}
	if points := r.charts()[0].Lines[0].Points; !math.IsNaN(points[1].Y) {
		t.Errorf("%v are drawn", points)
	}
	r.Loads[1].P99Millis = 0
	figures := r.Sheet().Figures
	if line := plan.Line(&r.Loads[1]); !strings.Contains(line, "p99      – ms") || figures[len(figures)-1].Value != "–" {
		t.Errorf("a load whose latency was not measured: %s, %v", line, figures)
	}
	if r, err = s.measure(t, Plan{TickRates: []float64{10, 20}, Wish: minimal()}); err != nil {
		t.Fatal(err)
	}
	if by := r.Sheet().Charts[0].Unit; by != "cores, by ticks a second" {
		t.Error(by)
	}
}
