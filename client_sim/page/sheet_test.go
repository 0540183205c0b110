package page

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// study is a sheet with everything on it.
func study() Sheet {
	return Sheet{
		Title: "1 000 players", About: "patrol <i>over</i> tcp",
		Banners: []Banner{{"Not to be trusted", []string{"the bots were late"}, true}, {"Gave way", []string{"tick"}, false}},
		Figures: []Figure{{"players", "1 000", "990 to 1 010", false}, {"late", "3", "", true}},
		Charts: []Chart{
			{"Latency", "ms", []Line{{"p99", []Point{{100, 20}, {400, 80}, {200, 30}}}, {"goal", []Point{{100, 100}, {400, 100}}}}},
			{"Memory", "MB", []Line{{"server", []Point{{100, 20}, {100, 30}}}}},
		},
		Tables: []Table{{"Loads", []string{"players", "p99"}, []Row{{[]string{"100", "<20>"}, true}, {[]string{"200", "30"}, false}}, "of <two>"}},
		Report: map[string]string{"cpu": "a </script>"},
	}
}

func TestTheSheet(t *testing.T) {
	var b strings.Builder
	if err := WriteSheet(&b, study()); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{
		"<title>1 000 players</title>", "patrol &lt;i&gt;over", `class="banner"`, `class="banner note"`, "the bots were late",
		"990 to 1 010", `class="figure bad"`, "Latency", "&lt;20&gt;", `<p class="sub">of &lt;two&gt;</p>`, `class="marked"`, `id="report">{"cpu":"a \u003c/script\u003e"}<`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if n := strings.Count(page, "<svg"); n != 1 { // a line of one point is none
		t.Errorf("%d charts", n)
	}
	for _, bad := range []string{"http:", "https:", "//", " src=", "url(", "@import", "<link", "href"} {
		if strings.Contains(embedded.ReplaceAllString(page, ""), bad) {
			t.Errorf("there is %q on the page", bad)
		}
	}
	if err := WriteSheet(&b, Sheet{Report: func() {}}); err == nil {
		t.Error("a report that is none is embedded")
	}
}

// TestChartsAreEven: what lies between two points is drawn between them, by how far apart they are.
func TestChartsAreEven(t *testing.T) {
	line := means([]Point{{400, 80}, {100, 20}, {200, 20}, {200, 40}, {200, math.NaN()}, {500, math.NaN()}})
	if diff := cmp.Diff([]Point{{100, 20}, {200, 30}, {400, 80}}, line); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for x, want := range map[float64]float64{100: 20, 150: 25, 200: 30, 300: 55, 400: 80, 99: gap(), 401: gap()} {
		if got := at(line, x); got != want {
			t.Errorf("at %v: %v, want %v", x, got, want)
		}
	}
	for x, want := range map[float64]float64{99.5: 99.5, 100.4: 100, 1236: 1240, 2.346: 2.35, 0: 0, -3.456: -3.46} {
		if got := round(x); got != want {
			t.Errorf("%v: %v", x, got)
		}
	}
}
