package deploy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// given are labels, and a metric, that Prometheus adds by itself.
var given = map[string][]string{"job": {"aoiworld"}, "instance": nil, "le": nil, "quantile": nil}

// ruleFile is a file of rules for Prometheus.
type ruleFile struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	} `yaml:"groups"`
}

// rule is an alert.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// known is what a server tells: the labels of each series with their values.
type known map[string]map[string][]string

// know returns what a server tells.
func know(families map[string]*dto.MetricFamily) known {
	all := known{"up": {}}
	for name, f := range families {
		of := map[string][]string{}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				of[l.GetName()] = append(of[l.GetName()], l.GetValue())
			}
		}
		all[name] = of
		if f.GetType() == dto.MetricType_HISTOGRAM {
			delete(all, name)
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				all[name+suffix] = of
			}
		}
	}
	return all
}

// complain returns what is wrong with an expression, by what a server tells.
func (k known) complain(expression string) (complaints []string) {
	object := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	tree, err := parser.ParseExpr(expression)
	if err != nil {
		return []string{err.Error()}
	}
	parser.Inspect(tree, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			of, has := k[n.Name]
			if !has {
				object("nobody tells of %s", n.Name)
				return nil
			}
			for _, m := range n.LabelMatchers {
				if text := badMatcher(of, m); text != "" {
					object("%s: %s", n.Name, text)
				}
			}
		case *parser.AggregateExpr:
			for _, label := range n.Grouping {
				if !k.anyHas(n.Expr, label) {
					object("nothing in %s has a label %s", n.Expr, label)
				}
			}
		}
		return nil
	})
	return complaints
}

// badMatcher says why nothing would match, or returns the empty string. Of alternatives each must be there.
func badMatcher(of map[string][]string, m *labels.Matcher) string {
	if m.Name == labels.MetricName {
		return ""
	}
	values, has := of[m.Name]
	if !has {
		values, has = given[m.Name]
	}
	switch {
	case !has:
		return "it has no label " + m.Name
	case values == nil || m.Value == ".*":
		return ""
	}
	for _, value := range strings.Split(m.Value, "|") {
		if !slices.Contains(values, value) {
			return fmt.Sprintf("label %s is never %q", m.Name, value)
		}
	}
	return ""
}

// anyHas reports whether a series in an expression has a label.
func (k known) anyHas(in parser.Expr, label string) (has bool) {
	parser.Inspect(in, func(n parser.Node, _ []parser.Node) error {
		if v, is := n.(*parser.VectorSelector); is {
			_, told := k[v.Name][label]
			_, added := given[label]
			has = has || told || added
		}
		return nil
	})
	return has
}

// alerts returns all alerts.
func alerts(t *testing.T) (all []rule) {
	t.Helper()
	var content ruleFile
	strict(t, "prometheus/alerts.yaml", file(t, "prometheus/alerts.yaml"), &content)
	for _, g := range content.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// usedLabel finds a label in the text of an alert, and closeCode a close code that one asks for.
var (
	usedLabel = regexp.MustCompile(`\$labels\.(\w+)`)
	closeCode = regexp.MustCompile(`\b[14]\d{3}\b`)
)

// TestAlerts: every alert asks for what a server tells, says what is the matter, and has a place in the operator's document.
func TestAlerts(t *testing.T) {
	told := know(run(t).metrics(t))
	operations := file(t, "../docs/operations.md")
	all := alerts(t)
	if len(all) < 15 {
		t.Errorf("only %d alerts", len(all))
	}
	for _, a := range all {
		for _, complaint := range told.complain(a.Expr) {
			t.Errorf("%s: %s", a.Alert, complaint)
		}
		tree, err := parser.ParseExpr(a.Expr)
		if err != nil {
			continue
		}
		for _, used := range usedLabel.FindAllStringSubmatch(a.Annotations["summary"], -1) {
			if !told.anyHas(tree, used[1]) {
				t.Errorf("%s: there is no %s to tell of", a.Alert, used[0])
			}
		}
		if a.Annotations["summary"] == "" || !slices.Contains([]string{"critical", "warning"}, a.Labels["severity"]) {
			t.Errorf("%s: summary %q, severity %q", a.Alert, a.Annotations["summary"], a.Labels["severity"])
		}
		_, advice, _ := strings.Cut(operations, "\n### "+a.Alert+"\n")
		advice, _, _ = strings.Cut(advice, "\n#")
		for _, asked := range closeCode.FindAllString(a.Expr, -1) {
			if !strings.Contains(advice, asked) {
				t.Errorf("%s: nothing is advised about close code %s", a.Alert, asked)
			}
		}
		anchor := "docs/operations.md#" + strings.ToLower(a.Alert)
		if a.Annotations["runbook"] != anchor || !strings.Contains(operations, "\n### "+a.Alert+"\n") {
			t.Errorf("%s: runbook %q, want a heading for %q", a.Alert, a.Annotations["runbook"], anchor)
		}
	}
	if headings := strings.Count(operations, "\n### Aoiworld"); headings != len(all) {
		t.Errorf("%d alerts, and docs/operations.md has %d", len(all), headings)
	}
}

// dashboard is what is checked of a dashboard.
type dashboard struct {
	UID        string `json:"uid"`
	Templating struct {
		List []struct{ Name, Definition string } `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []struct{ Expr string } `json:"list"`
	} `json:"annotations"`
	Panels []struct {
		ID                       int
		Type, Title, Description string
		Datasource               struct{ UID string }
		GridPos                  struct{ X, Y, W, H int }
		Targets                  []struct {
			Expr         string
			LegendFormat string
		}
	} `json:"panels"`
}

// asked makes an expression for Prometheus of one for Grafana, with everything chosen.
func asked(expression string) string {
	return strings.NewReplacer("$__rate_interval", "5m", "$world", ".*", "$instance", ".*").Replace(expression)
}

// TestDashboard: every panel asks for what a server tells, and there is a panel for everything that it tells but the certificate's end,
// which is an alert alone.
func TestDashboard(t *testing.T) {
	families := run(t).metrics(t)
	told := know(families)
	var d dashboard
	must(t, json.Unmarshal([]byte(file(t, "grafana/dashboards/aoiworld.json")), &d))
	ids, shown := map[int]bool{}, map[string]bool{}
	check := func(where, expression string) {
		for _, complaint := range told.complain(asked(expression)) {
			t.Errorf("%s: %s", where, complaint)
		}
	}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d, %q, at %+v", p.ID, p.Title, p.GridPos)
		}
		ids[p.ID] = true
		if p.Type != "row" && (len(p.Targets) == 0 || p.Description == "" || p.Datasource.UID != "${datasource}") {
			t.Errorf("panel %q has %d targets, description %q, datasource %q", p.Title, len(p.Targets), p.Description, p.Datasource.UID)
		}
		for _, target := range p.Targets {
			check(p.Title, target.Expr)
			for _, name := range series(t, asked(target.Expr)) {
				shown[name] = true
			}
		}
	}
	for _, a := range d.Annotations.List {
		check("annotation", a.Expr)
	}
	for _, v := range d.Templating.List {
		if series, label, is := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(v.Definition, "label_values("), ")"), ", "); is {
			check("variable "+v.Name, "sum by ("+label+") ("+series+")")
		}
	}
	for name, f := range families {
		is := shown[name]
		if f.GetType() == dto.MetricType_HISTOGRAM {
			is = shown[name+"_bucket"] || shown[name+"_sum"]
		}
		if strings.HasPrefix(name, "aoiworld_") && name != "aoiworld_certificate_end_timestamp_seconds" && !is {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// series returns the names of the series that an expression asks for.
func series(t *testing.T, expression string) (all []string) {
	t.Helper()
	tree, err := parser.ParseExpr(expression)
	must(t, err)
	for _, selectors := range parser.ExtractSelectors(tree) {
		for _, m := range selectors {
			if m.Name == labels.MetricName {
				all = append(all, m.Value)
			}
		}
	}
	return all
}

// TestBadExpressionsAreCaught: the checks above find what they are for.
func TestBadExpressionsAreCaught(t *testing.T) {
	k := known{"a_total": {"world": {"main"}, "code": {"1000", "1006"}}}
	for expression, want := range map[string]string{
		`rate(a_total{code=~"1000|1006"}[5m])`:             "",
		`sum by (code, job) (a_total{job="aoiworld"})`:     "",
		`rate(b_total[5m])`:                                "nobody tells of b_total",
		`a_total{colour="red"}`:                            "a_total: it has no label colour",
		`a_total{code=~"1000|4999"}`:                       `a_total: label code is never "4999"`,
		`a_total{job="other"}`:                             `a_total: label job is never "other"`,
		`sum by (colour) (a_total)`:                        "nothing in a_total has a label colour",
		`sum(rate(a_total))`:                               `1:10: parse error: expected type range vector in call to function "rate", got instant vector`,
		`histogram_quantile(0.5, sum by (le) (a_total)) +`: "1:49: parse error: unexpected end of input",
	} {
		if got := strings.Join(k.complain(expression), "\n"); got != want {
			t.Errorf("%s: %q, want %q", expression, got, want)
		}
	}
}
