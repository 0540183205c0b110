package server

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	goclient "aoiworld/client"
	"aoiworld/conf"
)

// receiver is a collector of spans.
type receiver struct {
	*httptest.Server

	mu       sync.Mutex
	spans    []*otlp.Span
	resource map[string]string
	paths    []string
}

// collect returns a collector that runs until the test ends.
func collect(t *testing.T) *receiver {
	r := &receiver{resource: map[string]string{}}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

// take takes spans in.
func (r *receiver) take(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	var told otlp.TracesData
	if err != nil || request.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(body, &told) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, request.Method+" "+request.URL.Path)
	for _, resource := range told.ResourceSpans {
		for _, a := range resource.Resource.Attributes {
			r.resource[a.Key] = a.Value.GetStringValue()
		}
		for _, scope := range resource.ScopeSpans {
			r.spans = append(r.spans, scope.Spans...)
		}
	}
}

// named returns the spans of a name. The receiver is locked.
func (r *receiver) named(name string) (all []*otlp.Span) {
	for _, s := range r.spans {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

// attribute returns what a span says of something.
func attribute(s *otlp.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// serveTraced runs a server that sends spans while clients of the native dialect come and go, and stops it.
func serveTraced(t *testing.T, logins int, sets ...string) {
	t.Helper()
	cfg, err := conf.Load(conf.Source{Sets: append([]string{
		"net.tcp.classic.address=", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=", "ops.address=127.0.0.1:0", "world.tick_rate=60",
		"limits.overload_tick_share=0", // others may use this machine, too
	}, sets...)})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(cfg, slog.New(slog.DiscardHandler), Extension{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	<-m.Ready()
	for range logins {
		c, _, err := dialNative(t, m, goclient.Config{})
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestSpans: a collector is told of logins and of the end, what is below what, and of nobody's name.
func TestSpans(t *testing.T) {
	r := collect(t)
	began := time.Now()
	serveTraced(t, 3, "ops.tracing.endpoint="+r.URL, "ops.tracing.sample_ratio=1")
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.paths) == 0 || r.paths[0] != "POST /v1/traces" || r.resource["service.name"] != "aoiworld" || r.resource["service.version"] == "" {
		t.Errorf("told %v of %v", r.paths, r.resource)
	}
	logins := r.named("login")
	if len(logins) != 3 {
		t.Fatalf("%d logins", len(logins))
	}
	for _, s := range logins {
		took := time.Duration(s.EndTimeUnixNano - s.StartTimeUnixNano)
		if attribute(s, "aoiworld.login.result") != "guest" || attribute(s, "aoiworld.transport") != "tcp" || len(s.Attributes) != 2 ||
			took <= 0 || took > time.Since(began) || len(s.ParentSpanId) != 0 {
			t.Errorf("a login of %v: %v", took, s)
		}
		var below []*otlp.Span
		for _, name := range []string{"wait for hello", "judge"} {
			at := slices.IndexFunc(r.named(name), func(child *otlp.Span) bool {
				return string(child.ParentSpanId) == string(s.SpanId) && string(child.TraceId) == string(s.TraceId)
			})
			if at < 0 {
				t.Fatalf("%q is not below login %s", name, hex.EncodeToString(s.SpanId))
			}
			below = append(below, r.named(name)[at])
		}
		hello, judge := below[0], below[1]
		if hello.StartTimeUnixNano != s.StartTimeUnixNano || hello.EndTimeUnixNano != judge.StartTimeUnixNano ||
			judge.EndTimeUnixNano != s.EndTimeUnixNano || hello.EndTimeUnixNano < hello.StartTimeUnixNano {
			t.Errorf("a login of %v: first %v, then %v", s, hello, judge)
		}
	}
	drain := r.named("drain")
	if len(drain) != 1 {
		t.Fatalf("%d ends", len(drain))
	}
	for _, name := range []string{"stop listening", "send players home", "close the operation port"} {
		if all := r.named(name); len(all) != 1 || string(all[0].ParentSpanId) != string(drain[0].SpanId) {
			t.Errorf("%q: %v", name, all)
		}
	}
}

// TestSpansAreSampled: of no login is told then, and of the end still.
func TestSpansAreSampled(t *testing.T) {
	r := collect(t)
	serveTraced(t, 3, "ops.tracing.endpoint="+r.URL+"/", "ops.tracing.sample_ratio=0")
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.named("login")) != 0 || len(r.named("judge")) != 0 || len(r.named("drain")) != 1 {
		t.Errorf("told of %v", r.spans)
	}
}

// TestNoCollector: who cannot be told is not waited for long, and players come and go.
func TestNoCollector(t *testing.T) {
	r := collect(t)
	gone := r.URL
	r.Close()
	began := time.Now()
	serveTraced(t, 2, "ops.tracing.endpoint="+gone, "ops.tracing.sample_ratio=1")
	if took := time.Since(began); took > spansPatience+patience/2 {
		t.Errorf("the end took %v", took)
	}
}

// TestNoSpansByDefault: nothing is made to send them.
func TestNoSpansByDefault(t *testing.T) {
	if m := start(t); m.tracer != nil || m.loggedIn() != nil {
		t.Error("spans are sent, to nobody")
	}
}
