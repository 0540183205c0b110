package server

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"aoiworld/conf"
	"aoiworld/net/entry"
)

// metricsDocument is the document, from here.
const metricsDocument = "../docs/metrics.md"

// tableHead begins the table of metrics, and tableEnd stands below it.
const (
	tableHead = "<!-- Written by go test ./server -run Document -update, from what a server tells. -->\n\n" +
		"| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n"
	tableEnd = "\n<!-- End of what is written. -->\n"
)

// units are the units of metrics, by how their names end before _total.
var units = []string{"seconds", "bytes", "ratio", "hertz"}

// TestDocumentTellsOfAllMetrics: the table in docs/metrics.md is what a server tells, and nothing else.
func TestDocumentTellsOfAllMetrics(t *testing.T) {
	content, err := os.ReadFile(metricsDocument)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, begins := strings.Cut(string(content), tableHead)
	table, tail, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		t.Fatal("the document has no table to compare")
	}
	want := metricsTable(t)
	if *update {
		if err := os.WriteFile(metricsDocument, []byte(head+tableHead+want+tableEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table != want {
		t.Errorf("docs/metrics.md is not what a server tells; go test ./server -run Document -update writes it:\n%s", want)
	}
}

// metricsTable returns a row for each metric of ours.
func metricsTable(t *testing.T) string {
	t.Helper()
	families := told(t)
	var table strings.Builder
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if f := families[name]; strings.HasPrefix(name, "aoiworld_") {
			fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n",
				name, strings.ToLower(f.GetType().String()), unitOf(name), labelsOf(f), f.GetHelp())
		}
	}
	return table.String()
}

// told returns what a server with everything tells that does not run.
func told(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	cfg := conf.Default()
	files := [2]string{filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")}
	certificate, key, err := entry.SelfSigned([]string{"game.example"}, time.Now(), time.Now().Add(time.Hour))
	if err = errors.Join(err, os.WriteFile(files[0], certificate, 0o600), os.WriteFile(files[1], key, 0o600)); err != nil {
		t.Fatal(err)
	}
	cfg.Net.TLS = conf.TLS{CertFile: files[0], KeyFile: files[1]}
	m, err := New(cfg, slog.New(slog.DiscardHandler), Extension{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.closePoller()
	if err := m.guard(nil); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.ops.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// unitOf returns a metric's unit, as its name tells it.
func unitOf(name string) string {
	name = strings.TrimSuffix(name, "_total")
	for _, unit := range units {
		if strings.HasSuffix(name, "_"+unit) {
			return unit
		}
	}
	return ""
}

// open are the labels whose values are not a fixed set in this program, and what they are.
var open = map[string]string{
	"world": "", "go": "", "revision": "", "version": "", "code": " (see [codes](codes.md))",
}

// labelsOf returns a metric's labels with their values, where these are a fixed set.
func labelsOf(f *dto.MetricFamily) string {
	values := map[string][]string{}
	var names []string
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if values[l.GetName()] == nil {
				names = append(names, l.GetName())
			}
			if !slices.Contains(values[l.GetName()], l.GetValue()) {
				values[l.GetName()] = append(values[l.GetName()], l.GetValue())
			}
		}
	}
	for i, name := range names {
		about, is := open[name]
		if !is {
			about = ": " + strings.Join(values[name], ", ")
		}
		names[i] = "`" + name + "`" + about
	}
	return strings.Join(names, "; ")
}
