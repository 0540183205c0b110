// Package side is what the programs have in common that stand beside the server in a benchmark: a page of metrics under the
// server's own names, a line of log that says where they listen, and an end when whoever started them is gone. So the same
// eyes measure them all.
package side

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Counters is what such a program counts. The zero value is ready; everybody may count at any time.
type Counters struct {
	// Frames and Bytes count what was handed to the kernel for clients.
	Frames, Bytes atomic.Uint64
	// SendNanos and ReadNanos are the CPU time of a tick's two halves, where a program can tell them apart.
	SendNanos, ReadNanos atomic.Int64
}

// collectors returns the counters as metrics.
func (c *Counters) collectors() []prometheus.Collector {
	counter := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		collectors.NewGoCollector(),
		counter("aoiworld_frames_sent_total", "Frames that were handed to clients.",
			func() float64 { return float64(c.Frames.Load()) }),
		counter("aoiworld_sent_bytes_total", "Bytes that the kernel took for clients.",
			func() float64 { return float64(c.Bytes.Load()) }),
		counter("bench_send_cpu_seconds_total", "CPU time of the sends, in seconds.",
			func() float64 { return time.Duration(c.SendNanos.Load()).Seconds() }),
		counter("bench_read_cpu_seconds_total", "CPU time of the reads, in seconds.",
			func() float64 { return time.Duration(c.ReadNanos.Load()).Seconds() }),
	}
}

// Serve serves the counters as /metrics on a free port of loopback until the context ends, and says on w, as the server does
// in its JSON log, that players can come to an address.
func Serve(ctx context.Context, w io.Writer, players net.Addr, c *Counters) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(c.collectors()...)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // nobody is left to hear of it
	slog.New(slog.NewJSONHandler(w, nil)).Info("ready", KeyPlayers, players.String(), KeyMetrics, l.Addr().String())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// Keys of the ready line's addresses.
const (
	KeyPlayers = "net.tcp.classic.address"
	KeyMetrics = "ops.address"
)

// UntilEOF returns a context that ends when r does, which is when the process at its other end is gone; or after a time.
func UntilEOF(ctx context.Context, r io.Reader, atMost time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	go func() {
		_, _ = io.Copy(io.Discard, r) // whatever ended it, it has ended
		cancel()
	}()
	return ctx, cancel
}
