package tracing

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// sendTimeout is how long a collector may take to take spans.
	sendTimeout = 10 * time.Second
	// maxAnswer is how much is read of what it says (bytes).
	maxAnswer = 1 << 10
)

// sender posts spans to a collector, as OTLP over HTTP has it: it is the client of the library's exporter (otlptrace.Client). The
// library's own client for HTTP would make the program ten megabytes larger, for it brings all of gRPC along.
type sender struct {
	url  string
	http *http.Client
}

// newSender returns what posts to a URL.
func newSender(url string) *sender {
	return &sender{url, &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}, Timeout: sendTimeout}}
}

// Start does nothing: the first spans make the connection.
func (*sender) Start(context.Context) error { return nil }

// Stop lets go of the connection.
func (s *sender) Stop(context.Context) error {
	s.http.CloseIdleConnections()
	return nil
}

// UploadTraces posts spans. On the wire a TracesData is the request that a collector takes, as its description says
// (opentelemetry/proto/trace/v1/trace.proto).
func (s *sender) UploadTraces(ctx context.Context, spans []*otlp.ResourceSpans) error {
	body, err := proto.Marshal(&otlp.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	w, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(w.Body, maxAnswer)) // so that the connection can be used again
	if w.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answers %s", w.Status)
	}
	return nil
}
