package ops

import (
	"github.com/prometheus/client_golang/prometheus"
)

// stateMetrics describe how the server stands beside what sessions and worlds do.
type stateMetrics struct {
	build, ready, connections, frameBudget, certificate, dropped *prometheus.Desc
}

// newStateMetrics returns the descriptions.
func newStateMetrics() *stateMetrics {
	return &stateMetrics{
		build: desc("build_info", "Always 1; the labels say which build of the server this is.", "go", "revision", "version"),
		ready: desc("ready", "1 while players can come in: not before all listeners are bound, nor while the server stops."),
		connections: desc("connections_limit",
			"Connections of players that there may be at once: limits.connections, or what the open files allow."),
		frameBudget: desc("frame_budget_bytes", "What a client is sent in a tick at most, about; 0 is no limit."),
		certificate: desc("certificate_end_timestamp_seconds",
			"When the certificate of the players' listeners ends, in seconds since 1970; absent without TLS."),
		dropped: desc("log_lines_dropped_total", "Lines of the log that were lost because nobody read it in time."),
	}
}

// describe sends the descriptions.
func (m *stateMetrics) describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.build, m.ready, m.connections, m.frameBudget, m.certificate, m.dropped} {
		to <- d
	}
}

// collect sends the values.
func (m *stateMetrics) collect(to chan<- prometheus.Metric, from Sources) {
	gauge(to, m.build, 1, from.Build.Go, from.Build.Revision, from.Build.Version)
	if from.State == nil {
		return
	}
	now := from.State()
	gauge(to, m.ready, one(now.Ready))
	gauge(to, m.connections, float64(now.Connections))
	gauge(to, m.frameBudget, float64(now.FrameBudget))
	if !now.CertificateEnds.IsZero() {
		gauge(to, m.certificate, float64(now.CertificateEnds.Unix()))
	}
	counter(to, m.dropped, now.LinesDropped)
}

// one returns 1 for what is true.
func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
