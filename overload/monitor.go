package overload

import (
	"context"
	"log/slog"
	"math"
	"sync/atomic"
	"time"
)

// Resource is what there can be too little of. The set is fixed: it labels metrics.
type Resource uint8

// The resources.
const (
	Ticks     Resource = iota // the time from one tick to the next
	Memory                    // of the process
	Resources                 // how many there are
)

// String returns the resource's metric label.
func (r Resource) String() string { return [...]string{"ticks", "memory", "?"}[min(r, Resources)] }

// Config says how much is too much.
type Config struct {
	// Period is the time between two ticks as configured, TickShare which part of it they may take on average. 0 is any.
	Period    time.Duration
	TickShare float64
	// Memory is how much the process may use (bytes); nobody new is let in when it is close to that. 0 is any.
	Memory uint64
	// Usage returns how much it uses (bytes).
	Usage func() uint64
}

const (
	// tickSmoothing is over how long ticks are averaged: a crowd that comes at once is no overload.
	tickSmoothing = 5 * time.Second
	// memoryShare is the part of the memory that may be in use, and memoryEvery how often one looks.
	memoryShare = 0.9
	memoryEvery = time.Second
)

// Monitor watches the resources of a server. Tick is for the goroutine of the world's loop, and Run for another one; anybody may
// call the rest.
type Monitor struct {
	cfg    Config
	period atomic.Int64 // between two ticks (ns)
	log    *slog.Logger

	busy   [Resources]atomic.Bool
	values [Resources]atomic.Uint64 // bits of a float

	ticks  gauge // Tick's
	memory gauge // Run's
}

// NewMonitor returns a monitor that has seen nothing.
func NewMonitor(cfg Config, log *slog.Logger) *Monitor {
	m := &Monitor{cfg: cfg, log: log, ticks: gauge{limit: cfg.TickShare, smoothing: tickSmoothing}}
	m.SetPeriod(cfg.Period)
	if cfg.Memory > 0 {
		m.memory.limit = memoryShare
	}
	return m
}

// Busy reports whether there is too little of anything to let anybody new in.
func (m *Monitor) Busy() bool { return m.busy[Ticks].Load() || m.busy[Memory].Load() }

// Short reports whether there is too little of a resource.
func (m *Monitor) Short(r Resource) bool { return m.busy[r].Load() }

// Used returns the part of a resource that is in use: of the time between ticks on average, and of the memory; 0 where nobody
// has said how much there is.
func (m *Monitor) Used(r Resource) float64 { return math.Float64frombits(m.values[r].Load()) }

// SetPeriod says how much time there is between two ticks from now on.
func (m *Monitor) SetPeriod(period time.Duration) { m.period.Store(int64(period)) }

// Tick takes in how long a tick has taken that is over now.
func (m *Monitor) Tick(took time.Duration, now time.Time) {
	m.observe(Ticks, &m.ticks, float64(took)/float64(m.period.Load()), now)
}

// Run watches the memory until ctx ends.
func (m *Monitor) Run(ctx context.Context) {
	if m.cfg.Memory == 0 {
		return
	}
	ticker := time.NewTicker(memoryEvery)
	defer ticker.Stop()
	for {
		m.observe(Memory, &m.memory, float64(m.cfg.Usage())/float64(m.cfg.Memory), time.Now())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// observe takes in a value, and tells of it.
func (m *Monitor) observe(r Resource, g *gauge, value float64, now time.Time) {
	changed := g.observe(value, now)
	m.values[r].Store(math.Float64bits(g.value))
	if !changed {
		return
	}
	m.busy[r].Store(g.busy)
	if g.busy {
		m.log.Warn("overloaded: nobody new is let in", "resource", r.String(), "used", g.value)
	} else {
		m.log.Info("not overloaded any more", "resource", r.String(), "used", g.value)
	}
}
