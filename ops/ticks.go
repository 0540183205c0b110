package ops

import (
	"github.com/prometheus/client_golang/prometheus"

	"aoiworld/world"
)

// buckets are the upper bounds of the histograms (seconds): from a phase that had nothing to do to a tick that is far
// too long.
var buckets = []float64{
	10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 1,
}

// tickMetrics are the metrics that ticks are counted in, by world.
type tickMetrics struct {
	phases, took, lateness *prometheus.HistogramVec

	early, late, skipped, moves, conflated, tooFast, chats, acts, failures, dropped, refused *prometheus.CounterVec
}

// newTickMetrics returns the metrics of worlds that have not ticked.
func newTickMetrics() *tickMetrics {
	counter := func(name, help string, more ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aoiworld_" + name, Help: help}, labels(more))
	}
	histogram := func(name, help string, more ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aoiworld_" + name, Help: help, Buckets: buckets,
		}, labels(more))
	}
	return &tickMetrics{
		phases:    histogram("tick_phase_seconds", "Time that a phase of a tick took, in seconds.", "phase"),
		took:      histogram("tick_seconds", "Time that a tick took, in seconds."),
		lateness:  histogram("tick_lateness_seconds", "Time from when a tick was due until it began, in seconds."),
		early:     counter("ticks_early_total", "Ticks that began before they were due, because little was to be done."),
		late:      counter("ticks_late_total", "Ticks that began a whole period or more after they were due."),
		skipped:   counter("ticks_skipped_total", "Ticks that were given up because the world was too far behind."),
		moves:     counter("moves_total", "Moves that were applied."),
		conflated: counter("moves_conflated_total", "Moves that gave way to a later one of the same player and tick."),
		tooFast:   counter("moves_too_fast_total", "Moves beyond the speed budget, applied or not."),
		chats:     counter("chats_total", "Chats that were passed on."),
		acts:      counter("game_commands_total", "Commands of games that were applied."),
		failures:  counter("game_failures_total", "Pieces of games that panicked."),
		dropped:   counter("commands_dropped_total", "Commands of unknown players and stale sessions."),
		refused: counter("commands_refused_total",
			"Commands that a world did not apply, by reason; whoever moved is sent its true position.", "reason"),
	}
}

// labels returns the labels of a metric: the world, and more.
func labels(more []string) []string { return append([]string{"world"}, more...) }

// all returns everything that is to be registered.
func (m *tickMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{
		m.phases, m.took, m.lateness, m.early, m.late, m.skipped, m.moves, m.conflated, m.tooFast, m.chats,
		m.acts, m.failures, m.dropped, m.refused,
	}
}

// observer returns what counts the ticks of a world. Which children it counts in is found out here, once.
func (m *tickMetrics) observer(name string) func(world.TickReport) {
	var phases [world.Phases]prometheus.Observer
	for p := range world.Phases {
		phases[p] = m.phases.WithLabelValues(name, p.String())
	}
	var refused [world.Reasons]prometheus.Counter
	for r := world.Accepted + 1; r < world.Reasons; r++ {
		refused[r] = m.refused.WithLabelValues(name, r.String())
	}
	took, lateness := m.took.WithLabelValues(name), m.lateness.WithLabelValues(name)
	early, late, skipped := m.early.WithLabelValues(name), m.late.WithLabelValues(name), m.skipped.WithLabelValues(name)
	moves, conflated := m.moves.WithLabelValues(name), m.conflated.WithLabelValues(name)
	tooFast, chats := m.tooFast.WithLabelValues(name), m.chats.WithLabelValues(name)
	acts, failures := m.acts.WithLabelValues(name), m.failures.WithLabelValues(name)
	dropped := m.dropped.WithLabelValues(name)
	return func(r world.TickReport) {
		for p, d := range r.Took {
			phases[p].Observe(d.Seconds())
		}
		took.Observe(r.Total().Seconds())
		lateness.Observe(max(0, r.Late).Seconds())
		if r.Early {
			early.Inc()
		}
		if r.Overdue() {
			late.Inc()
		}
		skipped.Add(float64(r.Skipped))
		moves.Add(float64(r.Moves))
		conflated.Add(float64(r.Conflated))
		tooFast.Add(float64(r.TooFast))
		chats.Add(float64(r.Chats))
		acts.Add(float64(r.Acts))
		failures.Add(float64(r.Failures))
		dropped.Add(float64(r.Dropped))
		for reason := world.Accepted + 1; reason < world.Reasons; reason++ {
			refused[reason].Add(float64(r.Refused[reason]))
		}
	}
}
