package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// metrics are the counters and gauges of a page: each family's sum by its name, and by its name, a slash and a label's value
// the sum of what bears that label.
type metrics map[string]float64

// maxPage is the largest page that is read, in bytes.
const maxPage = 4 << 20

// scrape reads a page of metrics.
func scrape(ctx context.Context, address string) (metrics, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity") // to pack the page costs the server as much as to write it
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("metrics: %s", response.Status)
	}
	return parseMetrics(io.LimitReader(response.Body, maxPage))
}

// parseMetrics reads Prometheus's text format.
func parseMetrics(page io.Reader) (metrics, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(page)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	all := metrics{}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			value := valueOf(m)
			all[name] += value
			for _, label := range m.GetLabel() {
				all[name+"/"+label.GetValue()] += value
			}
		}
	}
	return all, nil
}

// valueOf returns what a metric says; of a distribution, how many there were.
func valueOf(m *dto.Metric) float64 {
	return m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue() +
		float64(m.GetSummary().GetSampleCount()) + float64(m.GetHistogram().GetSampleCount())
}

// goMemory is what Go's heap and stacks take, in bytes.
func (m metrics) goMemory() float64 {
	return m["go_memstats_heap_inuse_bytes"] + m["go_memstats_stack_inuse_bytes"]
}
