package ops

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"aoiworld/internal/build"
	"aoiworld/overload"
	"aoiworld/player"
	"aoiworld/world"
)

// maxScrapes is how many scrapes are answered at once; more get 503.
const maxScrapes = 4

// Sources is where the metrics come from. The functions are called at each scrape, from any goroutine, and must not
// wait for the tick.
type Sources struct {
	// Sessions returns what player.Stats counts.
	Sessions func() *player.Snapshot
	// Worlds returns what each world published last.
	Worlds func() []*world.Snapshot
	// Refused returns how many connections were turned away before they became sessions, by the reason's label. Nil is
	// nobody.
	Refused func() map[string]uint64
	// Overload, unless nil, says what there is too little of.
	Overload *overload.Monitor
	// Build is which build of the server this is.
	Build build.Info
	// State, unless nil, returns how the server stands beside all that.
	State func() State
}

// State is how a server stands.
type State struct {
	// Ready says that players can come in.
	Ready bool
	// Connections is how many there may be at once, FrameBudget what a client is sent in a tick at most (bytes), 0 is no limit.
	Connections, FrameBudget int
	// CertificateEnds is when the certificate of the players' listeners is not valid any more; zero without TLS.
	CertificateEnds time.Time
	// LinesDropped counts the lines of the log for which there was no room, because nobody reads it.
	LinesDropped uint64
}

// Metrics is everything that a server tells Prometheus. It has a registry of its own, with Go's runtime and the process
// in it.
type Metrics struct {
	registry *prometheus.Registry
	ticks    *tickMetrics
}

// NewMetrics returns the metrics of a server.
func NewMetrics(from Sources) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), ticks: newTickMetrics()}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newSnapshots(from),
	)
	m.registry.MustRegister(m.ticks.all()...)
	return m
}

// Observer returns what is to observe the ticks of a world, as world.LoopConfig.Observe. It belongs to the goroutine
// of the world's loop, and allocates nothing.
func (m *Metrics) Observer(name string) func(world.TickReport) {
	return m.ticks.observer(name)
}

// handler answers scrapes.
func (m *Metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.HTTPErrorOnError,
		MaxRequestsInFlight: maxScrapes,
	})
}
