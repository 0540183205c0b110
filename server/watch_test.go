package server

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"aoiworld/conf"
	"aoiworld/world"
)

// watches calls what the operation page lives on, and takes the player elsewhere and back.
func (o *operator) watches(id int32) {
	m := o.call("GET", "/admin/v1/map", "", 200)
	if dots, _ := m["dots"].(map[string]any); m["players"] != 1.0 || m["tiles"] != nil || fmt.Sprint(dots["x"], dots["z"]) != "[16000] [13400]" {
		o.t.Errorf("map %v", m)
	}
	o.call("GET", "/admin/v1/map?world=main", "", 200)
	o.call("GET", "/admin/v1/map?world=nowhere", "", 404)
	f := o.call("GET", "/admin/v1/figures", "", 200)
	if now, _ := f["now"].(map[string]any); now["players"] != 1.0 || now["goroutines"] == 0.0 {
		o.t.Errorf("figures %v", f)
	}
	o.call("GET", "/admin/v1/figures?since=-1", "", 400)
	view := o.call("GET", fmt.Sprintf("/admin/v1/players/%d/view", id), "", 200)
	if all, _ := view["entities"].([]any); view["state"] != "current" || len(all) != 1 || all[0].(map[string]any)["why"] != "unchanged" {
		o.t.Errorf("view %v", view)
	}
	for _, other := range []string{"4711", "x"} {
		o.call("GET", "/admin/v1/players/"+other+"/view", "", 404)
	}
	o.call("POST", "/admin/v1/teleports", fmt.Sprintf(`{"player":%d,"x":400,"z":390,"heading":90}`, id), 200)
	one := o.call("GET", fmt.Sprintf("/admin/v1/players/%d", id), "", 200)
	place, link := one["place"].(map[string]any), one["link"].(map[string]any)
	if place["x"] != 400.0 || place["z"] != 390.0 || place["y"] != 0.0 || place["heading"] != 90.0 || link["sent"] == 0.0 || link["queued"] != 0.0 {
		o.t.Errorf("player %v", one)
	}
	o.call("POST", "/admin/v1/teleports", fmt.Sprintf(`{"player":%d,"x":160,"z":134,"y":0,"heading":0}`, id), 200)
	o.call("POST", "/admin/v1/teleports", fmt.Sprintf(`{"player":%d,"x":160,"z":1e9}`, id), 400)
	o.call("POST", "/admin/v1/teleports", fmt.Sprintf(`{"player":%d,"x":160}`, id), 400)
	o.call("POST", "/admin/v1/teleports", `{"player":4711,"x":160,"z":134}`, 404)
}

// TestAdminOfAWorldThatHangs: what a world has to answer is answered that it did not in time, and what it need not is.
func TestAdminOfAWorldThatHangs(t *testing.T) {
	folder, sets := operated(t)
	var hangs atomic.Bool
	stuck, free := make(chan struct{}), make(chan struct{})
	m := startWith(t, Extension{Games: []world.Game{{Tick: func(*world.Tx) {
		if hangs.CompareAndSwap(true, false) {
			close(stuck)
			<-free
		}
	}}}}, sets...)
	o := newOperator(t, m, folder)
	id := dial(t, m, "tcp").join()
	hangs.Store(true)
	defer close(free)
	<-stuck
	o.call("GET", "/admin/v1/map", "", 503)
	o.call("GET", fmt.Sprintf("/admin/v1/players/%d/view", id), "", 503)
	o.call("POST", "/admin/v1/teleports", fmt.Sprintf(`{"player":%d,"x":160,"z":134}`, id), 503)
	o.call("GET", "/admin/v1/figures", "", 200)
	o.call("GET", fmt.Sprintf("/admin/v1/players/%d", id), "", 200)
}

// TestOperationPage: it is there for whoever asks, with a token configured or without, under the page's policy; the API then says
// whether there is a token to be asked for.
func TestOperationPage(t *testing.T) {
	_, sets := operated(t)
	for want, sets := range map[int][]string{http.StatusNotFound: nil, http.StatusUnauthorized: sets} {
		m := start(t, sets...)
		base := "http://" + m.Addresses()[conf.OpsAddress].String()
		for path, want := range map[string]int{"/": 200, "/index.html": 200, "/nothing": 404, "/admin/v1/status": want, "/healthz": 200} {
			r, err := http.Get(base + path)
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Body.Close()
			policy := r.Header.Get("Content-Security-Policy")
			if r.StatusCode != want || (path == "/" || path == "/nothing") && !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("%s: status %d, policy %q", path, r.StatusCode, policy)
			}
		}
	}
}
