package tracing

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"aoiworld/player"
)

// closed is where nobody listens.
const closed = "http://127.0.0.1:1"

// TestLoginNeverWaits: with nobody who makes spans of them, logins are dropped; those that found room are told of at the end.
func TestLoginNeverWaits(t *testing.T) {
	tracer, err := New(Config{Endpoint: closed, SampleRatio: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * maxLogins {
		tracer.Login(player.LoginReport{})
	}
	if len(tracer.logins) != maxLogins {
		t.Errorf("%d logins wait", len(tracer.logins))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tracer.Close(ctx); !errors.Is(err, context.Canceled) || len(tracer.logins) != 0 {
		t.Errorf("%v, and %d logins are left", err, len(tracer.logins))
	}
}

// TestLoginCostsNoAllocation: it may be told of in a tick.
func TestLoginCostsNoAllocation(t *testing.T) {
	tracer := &Tracer{logins: make(chan player.LoginReport, 1)}
	if n := testing.AllocsPerRun(100, func() { tracer.Login(player.LoginReport{Began: time.Now()}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestNilTracer: what is not traced costs nothing.
func TestNilTracer(t *testing.T) {
	var none *Tracer
	ctx, end := none.Start(t.Context(), "drain")
	if end(nil); ctx != t.Context() {
		t.Error("a span of nobody")
	}
}

// failing is an exporter that fails as long as it is told to.
type failing struct {
	sdk.SpanExporter
	err error
}

// ExportSpans implements sdk.SpanExporter.
func (f *failing) ExportSpans(context.Context, []sdk.ReadOnlySpan) error { return f.err }

// TestLossIsToldOnce: when spans begin to be lost, and when they are not any more.
func TestLossIsToldOnce(t *testing.T) {
	var log strings.Builder
	exporter := &failing{tracetest.NewInMemoryExporter(), errors.New("gone")}
	teller := &teller{SpanExporter: exporter, log: slog.New(slog.NewTextHandler(&log, nil))}
	for _, err := range []error{nil, errors.New("gone"), errors.New("gone"), nil, nil, errors.New("again")} {
		exporter.err = err
		if err := teller.ExportSpans(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
	if lost, back := strings.Count(log.String(), "spans are lost"), strings.Count(log.String(), "spans again"); lost != 2 || back != 1 {
		t.Errorf("lost %d times, back %d times:\n%s", lost, back, &log)
	}
}
