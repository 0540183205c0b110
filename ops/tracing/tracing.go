// Package tracing tells an OpenTelemetry collector how long logins take, and how the server stops. The tick waits for none of it:
// sessions put down when a login was what, and spans are made of that, and sent, by goroutines of this package.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"aoiworld/internal/build"
	"aoiworld/player"
)

// Names of the spans, and of what is said in them.
const (
	loginSpan = "login"
	helloSpan = "wait for hello"
	judgeSpan = "judge"

	resultKey    = "aoiworld.login.result"
	transportKey = "aoiworld.transport"
)

const (
	// tracesPath is where a collector takes spans whose URL has no path.
	tracesPath = "/v1/traces"
	// maxLogins is how many logins wait to be made spans of; more are not told of.
	maxLogins = 1024
)

// Config says what is told to whom.
type Config struct {
	// Endpoint is the URL of a collector that takes OTLP over HTTP.
	Endpoint string
	// SampleRatio is which part of the logins is told of, 0 to 1.
	SampleRatio float64
	// Build is which build of the server this is.
	Build build.Info
	// Log is told when the collector cannot be reached, and when it can again.
	Log *slog.Logger
}

// Tracer sends spans. Anybody may call its methods.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	logins   chan player.LoginReport
}

// New returns a tracer. Nothing is sent before there is something to tell. The error says what is wrong with the configuration.
func New(cfg Config) (*Tracer, error) {
	endpoint, err := url.Parse(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if endpoint.Path == "" || endpoint.Path == "/" {
		endpoint.Path = tracesPath
	}
	exporter, err := otlptrace.New(context.Background(), newSender(endpoint.String()))
	if err != nil {
		return nil, fmt.Errorf("exporter of spans: %w", err)
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(&teller{SpanExporter: exporter, log: cfg.Log}),
		sdk.WithSampler(sdk.ParentBased(sampler{sdk.TraceIDRatioBased(cfg.SampleRatio)})),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "aoiworld"), attribute.String("service.version", cfg.Build.Version),
		)),
	)
	return &Tracer{
		provider: provider, tracer: provider.Tracer("aoiworld/ops/tracing"), logins: make(chan player.LoginReport, maxLogins),
	}, nil
}

// Login takes in a login, to be told of later; it is player.Config.LoggedIn. It never waits: where there is no room, the login
// is not told of.
func (t *Tracer) Login(r player.LoginReport) {
	select {
	case t.logins <- r:
	default:
	}
}

// Run makes spans of logins until ctx ends.
func (t *Tracer) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-t.logins:
			t.login(r)
		}
	}
}

// login makes the spans of a login: until the client had said who it is, and until that was decided.
func (t *Tracer) login(r player.LoginReport) {
	ctx, whole := t.tracer.Start(context.Background(), loginSpan, trace.WithTimestamp(r.Began), trace.WithAttributes(
		attribute.String(resultKey, r.Result.String()), attribute.String(transportKey, r.Transport.String()),
	))
	_, hello := t.tracer.Start(ctx, helloSpan, trace.WithTimestamp(r.Began))
	hello.End(trace.WithTimestamp(r.Asked))
	_, judge := t.tracer.Start(ctx, judgeSpan, trace.WithTimestamp(r.Asked))
	judge.End(trace.WithTimestamp(r.Decided))
	whole.End(trace.WithTimestamp(r.Decided))
}

// Start begins a span below the one in ctx, if there is one there. end ends it, with an error or none. A nil tracer does nothing.
func (t *Tracer) Start(ctx context.Context, name string) (inside context.Context, end func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	inside, span := t.tracer.Start(ctx, name)
	return inside, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

// Close sends what is left, for as long as ctx lets it. It is for when Run has ended.
func (t *Tracer) Close(ctx context.Context) error {
	for left := len(t.logins); left > 0; left-- {
		t.login(<-t.logins)
	}
	return t.provider.Shutdown(ctx)
}

// sampler tells of a part of the logins, and of all else.
type sampler struct{ sdk.Sampler }

// ShouldSample implements sdk.Sampler.
func (s sampler) ShouldSample(p sdk.SamplingParameters) sdk.SamplingResult {
	if p.Name != loginSpan {
		return sdk.AlwaysSample().ShouldSample(p)
	}
	return s.Sampler.ShouldSample(p)
}

// teller sends spans, and has the log say when that does not work any more, and when it does again.
type teller struct {
	sdk.SpanExporter
	log    *slog.Logger
	failed atomic.Bool
}

// ExportSpans implements sdk.SpanExporter. What cannot be sent is lost, and told here alone.
func (t *teller) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := t.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err != nil && !t.failed.Swap(true):
		t.log.Warn("spans are lost: the collector does not take them", "error", err)
	case err == nil && t.failed.Swap(false):
		t.log.Info("the collector takes spans again")
	}
	return nil
}
