package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"aoiworld/auth"
	"aoiworld/conf"
)

// operator calls the API of a running server, and holds what is answered against its description.
type operator struct {
	t      testing.TB
	base   string
	token  string
	spec   *openapi3.T
	router routers.Router
	seen   map[string]bool // operations and their statuses
}

// operated returns the settings of a server with an API for the operator, in a folder of its own.
func operated(t testing.TB) (folder string, sets []string) {
	t.Helper()
	folder = t.TempDir()
	token := filepath.Join(folder, "admin.token")
	if _, err := auth.CreateSecret(token); err != nil {
		t.Fatal(err)
	}
	return folder, []string{"ops.admin_token_file=" + token, "moderation.file=" + filepath.Join(folder, "bans.json")}
}

// newOperator returns the operator of a server whose token is in a folder.
func newOperator(t testing.TB, m *Server, folder string) *operator {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(folder, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	o := &operator{
		t: t, base: "http://" + m.Addresses()[conf.OpsAddress].String(), token: strings.TrimSpace(string(token)), seen: map[string]bool{},
	}
	w, content := o.send(http.MethodGet, "/admin/v1/openapi.yaml", "", nil)
	if w.StatusCode != 200 {
		t.Fatalf("there is no description: %s", content)
	}
	if o.spec, err = openapi3.NewLoader().LoadFromData(content); err != nil {
		t.Fatal(err)
	}
	o.spec.Servers[0].URL = o.base
	if o.router, err = legacy.NewRouter(o.spec); err != nil {
		t.Fatal(err)
	}
	return o
}

// send sends a request and returns the answer and its body.
func (o *operator) send(method, path, body string, change func(*http.Request)) (*http.Response, []byte) {
	o.t.Helper()
	r, err := http.NewRequest(method, o.base+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+o.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(r)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer w.Body.Close()
	content, err := io.ReadAll(w.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return w, content
}

// call sends a request, checks that the answer is as described and has a status, and returns its body.
func (o *operator) call(method, path, body string, want int, change ...func(*http.Request)) map[string]any {
	o.t.Helper()
	var all func(*http.Request)
	if len(change) > 0 {
		all = change[0]
	}
	w, content := o.send(method, path, body, all)
	if w.StatusCode != want {
		o.t.Fatalf("%s %s %s: status %d, %s", method, path, body, w.StatusCode, content)
	}
	o.check(method, path, body, w, content)
	var answer map[string]any
	if w.Header.Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(content, &answer); err != nil {
			o.t.Fatal(err)
		}
	}
	return answer
}

// check holds an answer against the description. For a method that a path does not have, that of another one counts.
func (o *operator) check(method, path, body string, w *http.Response, content []byte) {
	o.t.Helper()
	var route *routers.Route
	var params map[string]string
	var r *http.Request
	var err error
	for _, m := range []string{method, http.MethodGet, http.MethodPost, http.MethodDelete} {
		r, _ = http.NewRequest(m, o.base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if route, params, err = o.router.FindRoute(r); err == nil {
			break
		}
	}
	if err != nil {
		o.t.Fatalf("%s %s is not described: %v", method, path, err)
	}
	in := &openapi3filter.RequestValidationInput{
		Request: r, Route: route, PathParams: params,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if good := openapi3filter.ValidateRequest(o.t.Context(), in) == nil; w.StatusCode < 300 && !good {
		o.t.Errorf("%s %s %s is taken, but not described", method, path, body)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: w.StatusCode, Header: w.Header, Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(o.t.Context(), out.SetBodyBytes(content)); err != nil {
		o.t.Errorf("%s %s answers %d %s, which is not described: %v", method, path, w.StatusCode, content, err)
	}
	o.seen[fmt.Sprintf("%s %d", route.Operation.OperationID, w.StatusCode)] = true
}

// described returns all operations and statuses of the description.
func (o *operator) described() (all []string) {
	for _, item := range o.spec.Paths.Map() {
		for _, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				all = append(all, operation.OperationID+" "+status)
			}
		}
	}
	slices.Sort(all)
	return all
}

// closed checks that the answers' objects have all that is described, and nothing else.
func (o *operator) closed() {
	for name, s := range o.spec.Components.Schemas {
		o.closedSchema(name, s)
	}
	for name, r := range o.spec.Components.Responses {
		for _, media := range r.Value.Content {
			o.closedSchema(name, media.Schema)
		}
	}
}

// closedSchema checks one object, and those in it.
func (o *operator) closedSchema(name string, s *openapi3.SchemaRef) {
	if len(s.Value.Properties) == 0 {
		return
	}
	if s.Value.AdditionalProperties.Has == nil || *s.Value.AdditionalProperties.Has || len(s.Value.Required) != len(s.Value.Properties) {
		o.t.Errorf("%s is not closed", name)
	}
	for field, of := range s.Value.Properties {
		o.closedSchema(name+"."+field, of)
	}
}

// TestAdminIsAsDescribed: every operation answers with every status of its description, and with just the fields that are described.
func TestAdminIsAsDescribed(t *testing.T) {
	folder, sets := operated(t)
	m := start(t, sets...)
	o := newOperator(t, m, folder)
	o.closed()
	player := dial(t, m, "tcp")
	id := player.join()
	o.reads(id)
	o.watches(id)
	o.sanctions(id)
	o.refusals()
	o.call("POST", "/admin/v1/announcements", `{"text":"Maintenance at noon."}`, 200)
	o.call("POST", "/admin/v1/announcements", `{"text":""}`, 400)
	o.call("POST", "/admin/v1/kicks", `{"kind":"name","subject":"nobody"}`, 404)
	o.call("POST", "/admin/v1/kicks", `{"kind":"player","subject":"0"}`, 400)
	o.call("POST", "/admin/v1/kicks", fmt.Sprintf(`{"kind":"player","subject":"%d","reason":"spam"}`, id), 200)
	o.call("GET", "/admin/v1/settings", "", 200)
	o.call("POST", "/admin/v1/settings", `{"world.columns":7}`, 200)
	o.call("POST", "/admin/v1/settings", `{"world.columns":0}`, 400)
	o.call("POST", "/admin/v1/drain", "", 202)
	for _, want := range o.described() {
		if !o.seen[want] && !strings.Contains(want, " 503") && !strings.Contains(want, " 409") {
			t.Errorf("%s is described, and did not happen", want)
		}
	}
}

// reads calls what changes nothing.
func (o *operator) reads(id int32) {
	o.call("GET", "/admin/v1/openapi.yaml", "", 200)
	status := o.call("GET", "/admin/v1/status", "", 200)
	if status["sessions"] != 1.0 || status["ready"] != true || status["draining"] != false {
		o.t.Errorf("status %v", status)
	}
	one := o.call("GET", fmt.Sprintf("/admin/v1/players/%d", id), "", 200)
	if place, _ := one["place"].(map[string]any); place["x"] != 160.0 || place["z"] != 134.0 || place["hidden"] != false {
		o.t.Errorf("player %v", one)
	}
	o.call("GET", "/admin/v1/players/4711", "", 404)
	all := o.call("GET", "/admin/v1/players?limit=1&search=127.0", "", 200)
	if all["total"] != 1.0 || all["next"] != nil {
		o.t.Errorf("players %v", all)
	}
	o.call("GET", "/admin/v1/players?limit=0", "", 400)
	o.call("GET", "/admin/v1/players?after=x", "", 400)
}

// sanctions imposes and lifts bans and mutes.
func (o *operator) sanctions(id int32) {
	for _, path := range []string{"/admin/v1/bans", "/admin/v1/mutes"} {
		until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		o.call("POST", path, `{"kind":"name","subject":"Eve","reason":"spam","until":"`+until+`"}`, 201)
		made := o.call("POST", path, `{"kind":"account","subject":"eve","seconds":60}`, 201)
		o.call("POST", path, `{"kind":"address","subject":"192.0.2.0/24"}`, 201)
		o.call("POST", path, `{"kind":"address","subject":"192.0.2.1/24"}`, 400)
		o.call("POST", path, `{"kind":"name","subject":"Eve","seconds":0}`, 400)
		if all := o.call("GET", path, "", 200)["sanctions"].([]any); len(all) != 3 || all[1].(map[string]any)["id"] != made["id"] {
			o.t.Errorf("%s: %v", path, all)
		}
		o.call("DELETE", path+"/"+made["id"].(string), "", 200)
		o.call("DELETE", path+"/"+made["id"].(string), "", 404)
	}
	o.call("POST", "/admin/v1/mutes", fmt.Sprintf(`{"kind":"player","subject":"%d"}`, id), 201)
	o.call("POST", "/admin/v1/bans", fmt.Sprintf(`{"kind":"player","subject":"%d"}`, id), 400)
}

// refusals has each operation refuse in each way.
func (o *operator) refusals() {
	long := `{"text":"` + strings.Repeat("x", 5000) + `"}`
	for path, item := range o.spec.Paths.Map() {
		path = strings.ReplaceAll(path, "{id}", "1")
		for method, operation := range item.Operations() {
			body := ""
			if operation.RequestBody != nil {
				body = "{}"
				o.call(method, path, long, 413)
				o.call(method, path, body, 415, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
			}
			o.call(method, path, body, 401, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") })
			o.call(method, path, body, 403, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") })
			o.call(method, path, body, 403, func(r *http.Request) { r.Host = "evil.example" })
			o.call("PATCH", path, body, 405)
			o.seen[operation.OperationID+" 405"] = true // a path's, for all that it does
		}
	}
}

// TestBansThatCannotBeStored: what cannot be kept is not done, in no part.
func TestBansThatCannotBeStored(t *testing.T) {
	folder, sets := operated(t)
	gone := filepath.Join(folder, "gone")
	if err := os.Mkdir(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	m := start(t, append(sets, "moderation.file="+filepath.Join(gone, "bans.json"))...)
	o := newOperator(t, m, folder)
	player := dial(t, m, "tcp")
	player.join()
	ids := map[string]string{}
	for _, path := range []string{"/admin/v1/bans", "/admin/v1/mutes"} {
		ids[path] = o.call("POST", path, `{"kind":"account","subject":"eve"}`, 201)["id"].(string)
	}
	if err := os.RemoveAll(gone); err != nil {
		t.Fatal(err)
	}
	for path, id := range ids {
		o.call("POST", path, `{"kind":"address","subject":"127.0.0.1"}`, 503)
		o.call("DELETE", path+"/"+id, "", 503)
		if all := o.call("GET", path, "", 200)["sanctions"].([]any); len(all) != 1 {
			t.Errorf("%s: %v", path, all)
		}
	}
	player.move(161, 135)
	player.await(1, 161, 135) // it plays on
	dial(t, m, "tcp").join()
	if err := os.Mkdir(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	o.call("POST", "/admin/v1/bans", `{"kind":"address","subject":"127.0.0.1"}`, 201)
	if err := player.ended(); err != io.EOF {
		t.Errorf("the banned one is left with %v", err)
	}
}

// TestFullOfBans: there are as many as there may be, and no more.
func TestFullOfBans(t *testing.T) {
	folder, sets := operated(t)
	var file bytes.Buffer
	file.WriteString(`{"version":1,"sanctions":[`)
	for i := range 10_000 {
		if i > 0 {
			file.WriteByte(',')
		}
		fmt.Fprintf(&file, `{"id":"b%d","measure":"ban","kind":"account","subject":"a%d","created":"2026-01-01T00:00:00Z"}`, i, i)
	}
	file.WriteString("]}")
	if err := os.WriteFile(filepath.Join(folder, "bans.json"), file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	m := start(t, sets...)
	o := newOperator(t, m, folder)
	o.call("POST", "/admin/v1/bans", `{"kind":"account","subject":"one too many"}`, 409)
	o.call("POST", "/admin/v1/mutes", `{"kind":"account","subject":"one too many"}`, 409)
	o.call("POST", "/admin/v1/bans", `{"kind":"account","subject":"a7","seconds":60}`, 201) // in place of another
	o.call("DELETE", "/admin/v1/bans/b8", "", 200)
	o.call("POST", "/admin/v1/bans", `{"kind":"account","subject":"one more"}`, 201)
}

// TestDrainByTheAdmin: the server says that it will stop, tells the players, and is gone.
func TestDrainByTheAdmin(t *testing.T) {
	folder, sets := operated(t)
	m := start(t, sets...)
	o := newOperator(t, m, folder)
	player := dial(t, m, "tcp")
	player.join()
	if told := o.call("POST", "/admin/v1/drain", "", 202); told["sessions"] != 1.0 {
		t.Errorf("told %v", told)
	}
	if err := player.ended(); err != io.EOF {
		t.Errorf("the player is left with %v", err)
	}
	if conn, err := net.Dial("tcp", m.Addresses()[conf.ClassicAddress].String()); err == nil {
		t.Error("connected to a server that stops")
		_ = conn.Close()
	} // that Run returns, start sees to
}

// TestNoAPIByDefault: without a token there is no API, with whatever one comes.
func TestNoAPIByDefault(t *testing.T) {
	m := start(t)
	r, err := http.NewRequest(http.MethodGet, "http://"+m.Addresses()[conf.OpsAddress].String()+"/admin/v1/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer ")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", w.StatusCode)
	}
}
