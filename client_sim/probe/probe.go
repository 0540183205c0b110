// Package probe asks a server how it does: it reads the page of metrics that the server's operation port serves.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"aoiworld/client_sim/bot"
)

// ErrForeign says that the page is not one of an aoiworld server's.
var ErrForeign = errors.New("no metrics of an aoiworld server")

// maxPage is the largest page that is read, in bytes: a server's is about 30 KB.
const maxPage = 4 << 20

// Metrics returns a probe of the metrics page at a URL, such as http://127.0.0.1:9090/metrics.
func Metrics(url string) bot.Probe {
	return func(ctx context.Context) (bot.ServerCounters, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return bot.ServerCounters{}, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return bot.ServerCounters{}, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return bot.ServerCounters{}, fmt.Errorf("%s: %s", url, response.Status)
		}
		return parse(io.LimitReader(response.Body, maxPage))
	}
}

// parse reads a page in Prometheus's text format. The error may wrap ErrForeign.
func parse(page io.Reader) (bot.ServerCounters, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(page)
	if err != nil {
		return bot.ServerCounters{}, fmt.Errorf("metrics: %w", err)
	}
	if families["aoiworld_players"] == nil {
		return bot.ServerCounters{}, ErrForeign
	}
	return bot.ServerCounters{
		CPUSeconds: sum(families["process_cpu_seconds_total"]),
		RSSBytes:   sum(families["process_resident_memory_bytes"]),
		Players:    sum(families["aoiworld_players"]),
		Ticks:      sum(families["aoiworld_world_tick"]),
		LateTicks:  sum(families["aoiworld_ticks_late_total"]),
	}, nil
}

// sum adds up what a family says of all its labels; a family that is not there is 0.
func sum(family *dto.MetricFamily) (total float64) {
	for _, m := range family.GetMetric() {
		total += m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
	}
	return total
}
