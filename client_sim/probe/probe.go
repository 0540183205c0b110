// Package probe asks a server how it does: it reads the page of metrics that the server's operation port serves.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"aoiworld/client_sim/bot"
)

// ErrForeign says that the page is not one of an aoiworld server's.
var ErrForeign = errors.New("no metrics of an aoiworld server")

// maxPage is the largest page that is read, in bytes: a server's is about 30 KB.
const maxPage = 4 << 20

// The metrics that are read.
const (
	cpuSeconds   = "process_cpu_seconds_total"
	rssBytes     = "process_resident_memory_bytes"
	cores        = "go_sched_gomaxprocs_threads"
	overloaded   = "aoiworld_overloaded"
	players      = "aoiworld_players"
	ticks        = "aoiworld_world_tick"
	lateTicks    = "aoiworld_ticks_late_total"
	skippedTicks = "aoiworld_ticks_skipped_total"
	tickSeconds  = "aoiworld_tick_seconds"
	frames       = "aoiworld_frames_sent_total"
	sentBytes    = "aoiworld_sent_bytes_total"
	moves        = "aoiworld_moves_total"
	lags         = "aoiworld_session_lags_total"
)

// wanted are these metrics. A page of all is ten times as long, and what it takes to write and to read it counts among what the
// server and the bots take.
var wanted = []string{
	cpuSeconds, rssBytes, cores, overloaded, players, ticks, lateTicks, skippedTicks, tickSeconds, frames, sentBytes, moves, lags,
}

// Metrics returns a probe of the metrics page at a URL, such as http://127.0.0.1:9090/metrics.
func Metrics(page string) bot.Probe {
	query := url.Values{"name[]": wanted}.Encode()
	return func(ctx context.Context) (bot.ServerCounters, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, page, http.NoBody)
		if err != nil {
			return bot.ServerCounters{}, err
		}
		if request.URL.RawQuery == "" {
			request.URL.RawQuery = query
		}
		request.Header.Set("Accept-Encoding", "identity") // to pack the page costs the server as much as to write it
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return bot.ServerCounters{}, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return bot.ServerCounters{}, fmt.Errorf("%s: %s", page, response.Status)
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
	if families[players] == nil {
		return bot.ServerCounters{}, ErrForeign
	}
	took := families[tickSeconds]
	return bot.ServerCounters{
		CPUSeconds:   sum(families[cpuSeconds]),
		RSSBytes:     sum(families[rssBytes]),
		Cores:        sum(families[cores]),
		Overloaded:   sum(families[overloaded]),
		Players:      sum(families[players]),
		Ticks:        sum(families[ticks]),
		LateTicks:    sum(families[lateTicks]),
		SkippedTicks: sum(families[skippedTicks]),
		TickSeconds:  sum(took),
		TickBuckets:  buckets(took),
		Frames:       sum(families[frames]),
		SentBytes:    sum(families[sentBytes]),
		Moves:        sum(families[moves]),
		Lags:         sum(families[lags]),
	}, nil
}

// buckets adds up the buckets of a family's histograms, whose bounds are the same. The last one is of all values.
func buckets(family *dto.MetricFamily) (all []bot.Bucket) {
	total := 0.0
	for _, m := range family.GetMetric() {
		bounds := m.GetHistogram().GetBucket()
		for i, b := range bounds {
			if i == len(all) {
				all = append(all, bot.Bucket{Bound: b.GetUpperBound()})
			}
			all[i].Count += float64(b.GetCumulativeCount())
		}
		total += float64(m.GetHistogram().GetSampleCount())
	}
	if n := len(all); n > 0 && !math.IsInf(all[n-1].Bound, 1) {
		all = append(all, bot.Bucket{Bound: math.Inf(1), Count: total})
	}
	return all
}

// sum adds up what a family says of all its labels, of histograms the sums; a family that is not there is 0.
func sum(family *dto.MetricFamily) (total float64) {
	for _, m := range family.GetMetric() {
		total += m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue() +
			m.GetHistogram().GetSampleSum()
	}
	return total
}
