package server

import (
	"net/http"
	"runtime"
	"slices"
	"testing"
)

// TestProfilesAreTheOperators: whoever has the token gets them, and nobody else; without the key there are none.
func TestProfilesAreTheOperators(t *testing.T) {
	folder, sets := operated(t)
	m := start(t, append(sets, "ops.pprof=true", "ops.admin_hosts=game.example")...)
	o := newOperator(t, m, folder)
	for _, path := range []string{"", "heap", "goroutine?debug=2", "cmdline", "symbol", "trace?seconds=0.01", "block", "mutex"} {
		if w, _ := o.send(http.MethodGet, "/debug/pprof/"+path, "", nil); w.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, w.StatusCode)
		}
	}
	for name, c := range map[string]struct {
		status int
		change func(*http.Request)
	}{
		"no token":       {http.StatusUnauthorized, func(r *http.Request) { r.Header.Del("Authorization") }},
		"wrong token":    {http.StatusUnauthorized, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }},
		"token in query": {http.StatusUnauthorized, func(r *http.Request) { r.Header.Del("Authorization"); r.URL.RawQuery = "token=" + o.token }},
		"foreign host":   {http.StatusForbidden, func(r *http.Request) { r.Host = "evil.example" }},
		"foreign page":   {http.StatusForbidden, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }},
	} {
		for _, path := range []string{"", "heap", "profile", "trace"} {
			if w, body := o.send(http.MethodGet, "/debug/pprof/"+path, "", c.change); w.StatusCode != c.status {
				t.Errorf("%s: %s: status %d, %.60q", name, path, w.StatusCode, body)
			}
		}
	}
	folder, sets = operated(t)
	o = newOperator(t, start(t, sets...), folder)
	if w, _ := o.send(http.MethodGet, "/debug/pprof/heap", "", nil); w.StatusCode != http.StatusNotFound {
		t.Errorf("nobody has asked for profiles: status %d", w.StatusCode)
	}
}

// TestProfileRates: they can change while the server runs, and only where there are profiles.
func TestProfileRates(t *testing.T) {
	t.Cleanup(func() { runtime.SetMutexProfileFraction(0); runtime.SetBlockProfileRate(0) })
	const keys = 2
	_, sets := operated(t)
	for on, want := range map[string]int{"true": 7, "false": 0} {
		runtime.SetMutexProfileFraction(0)
		m := start(t, append(slices.Clone(sets), "ops.pprof="+on)...)
		changed, err := m.Amend([]string{"ops.mutex_profile_fraction=7", "ops.block_profile_rate=1ms"})
		if err != nil || len(changed) != keys {
			t.Fatal(changed, err)
		}
		if got := runtime.SetMutexProfileFraction(-1); got != want {
			t.Errorf("pprof %s: one in %d, want %d", on, got, want)
		}
	}
}
