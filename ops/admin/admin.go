// Package admin is the operator's API over HTTP: who plays, and what moderators do, for whoever has the token. openapi.yaml
// describes it; a test holds it to that.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"aoiworld/moderation"
	"aoiworld/ops/figures"
	"aoiworld/player"
	"aoiworld/world"
)

// Config is what the API shows and does. The functions may be called by anybody, and must not wait for the tick unless they
// have a context.
type Config struct {
	// Token returns the token that is asked for, at least 32 bytes. It is called for each request, so that a new one counts at
	// once; an error refuses everybody.
	Token func() ([]byte, error)
	// Hosts are names by which the API may be called, beside localhost and addresses.
	Hosts []string
	// Moderator does what moderators do, and writes the audit lines of it.
	Moderator *moderation.Moderator
	// Players returns everybody who is in a world, by ascending id.
	Players func() []player.Presence
	// Player returns one of them, or false.
	Player func(id world.ID) (p player.Presence, here bool)
	// Places returns where everybody is, as of now or a tick later. The error is the context's.
	Places func(ctx context.Context) ([]*world.Census, error)
	// Teleport takes a player of a world to a position, and returns with which tick. The error is the context's, the world's, or
	// wraps world.ErrNobody or world.ErrPosition.
	Teleport func(ctx context.Context, world string, player world.ID, to world.Position) (tick uint64, err error)
	// Inspect returns what a player was shown in a tick that is not over yet. The error is the context's, or wraps
	// world.ErrNobody, world.ErrInquiries or world.ErrInquiry.
	Inspect func(ctx context.Context, id world.ID) (*player.Inspection, error)
	// Figures returns what charts need: how the server stands, and the samples after one.
	Figures func(since uint64) figures.Figures
	// Status returns how the server stands.
	Status func() Status
	// Settings returns the keys of the configuration that can change now, with their values; Amend changes some, as
	// key=value, and returns which. Its error says everything that is wrong; then nothing has changed.
	Settings func() map[string]any
	Amend    func(sets []string) (changed []string, err error)
	// Drain has the server stop in good order. It does not wait for that.
	Drain func()
	// Log has the audit lines.
	Log *slog.Logger
}

// Status is how the server stands.
type Status struct {
	// Ready says that players can come in, Draining that the server stops.
	Ready    bool `json:"ready"`
	Draining bool `json:"draining"`
	// Overloaded are the resources for which nobody new is let in.
	Overloaded []string `json:"overloaded"`
	// Sessions are the connections of players, Detached the players without one.
	Sessions int64         `json:"sessions"`
	Detached int           `json:"detached"`
	Worlds   []WorldStatus `json:"worlds"`
}

// WorldStatus is how a world stands.
type WorldStatus struct {
	Name     string  `json:"name"`
	Tick     uint64  `json:"tick"`
	TickRate float64 `json:"tick_rate"` // Hz
	Players  int     `json:"players"`
	Entities int     `json:"entities"`
}

// api answers the requests.
type api struct {
	cfg  Config
	mux  *http.ServeMux
	maps drawings
}

// methods are what a path does, by the method of the request.
type methods map[string]func(*api, http.ResponseWriter, *http.Request)

// routes are the paths, and what they do.
var routes = map[string]methods{
	"/admin/v1/openapi.yaml":      {http.MethodGet: (*api).describe},
	"/admin/v1/status":            {http.MethodGet: (*api).status},
	"/admin/v1/map":               {http.MethodGet: (*api).worldMap},
	"/admin/v1/figures":           {http.MethodGet: (*api).figures},
	"/admin/v1/players":           {http.MethodGet: (*api).players},
	"/admin/v1/players/{id}":      {http.MethodGet: (*api).player},
	"/admin/v1/teleports":         {http.MethodPost: (*api).teleport},
	"/admin/v1/players/{id}/view": {http.MethodGet: (*api).view},
	"/admin/v1/kicks":             {http.MethodPost: (*api).kick},
	"/admin/v1/bans":              {http.MethodGet: list(moderation.Ban), http.MethodPost: impose(moderation.Ban)},
	"/admin/v1/bans/{id}":         {http.MethodDelete: lift(moderation.Ban)},
	"/admin/v1/mutes":             {http.MethodGet: list(moderation.Mute), http.MethodPost: impose(moderation.Mute)},
	"/admin/v1/mutes/{id}":        {http.MethodDelete: lift(moderation.Mute)},
	"/admin/v1/announcements":     {http.MethodPost: (*api).announce},
	"/admin/v1/settings":          {http.MethodGet: (*api).settings, http.MethodPost: (*api).amend},
	"/admin/v1/drain":             {http.MethodPost: (*api).drain},
}

// NewHandler returns what answers the requests below /admin/.
func NewHandler(cfg Config) http.Handler {
	a := &api{cfg: cfg, mux: http.NewServeMux()}
	for path, methods := range routes {
		a.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.dispatch(methods, w, r) })
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, problem{http.StatusNotFound, "not_found", "there is no such path"})
	})
	return http.HandlerFunc(a.guard)
}

// guard lets through who may call the API: not from a page of somebody else's, by no name that somebody else has made lead here,
// and with the token.
func (a *api) guard(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case !a.ourHost(r.Host):
		a.refuse(w, r, problem{http.StatusForbidden, "foreign_host", "the server is not called so: see ops.admin_hosts"})
	case !ourOrigin(r):
		a.refuse(w, r, problem{http.StatusForbidden, "foreign_origin", "pages of others may not call this"})
	case !a.authorised(r):
		w.Header().Set("WWW-Authenticate", `Bearer realm="aoiworld"`)
		a.refuse(w, r, problem{http.StatusUnauthorized, "unauthorized", "want the operator's token: Authorization: Bearer ..."})
	default:
		a.mux.ServeHTTP(w, r)
	}
}

// ourHost reports whether the server may be called by a name. An address may always: no name leads to another one's by it.
func (a *api) ourHost(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	if _, err := netip.ParseAddr(name); err == nil || strings.EqualFold(name, "localhost") {
		return true
	}
	return slices.ContainsFunc(a.cfg.Hosts, func(ours string) bool { return strings.EqualFold(ours, name) })
}

// ourOrigin reports whether a request comes from no page, or from one of the server's own.
func ourOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	return err == nil && len(origins) == 1 && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// authorised reports whether a request has the token. How long that takes tells nothing of the token, its length neither.
func (a *api) authorised(r *http.Request) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token, err := a.cfg.Token()
	if err != nil {
		a.cfg.Log.Error("nobody can use the operator's API", "error", err)
	}
	want, got := sha256.Sum256(token), sha256.Sum256([]byte(given))
	same := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	return same && err == nil && len(token) > 0 && strings.EqualFold(scheme, "Bearer") &&
		len(r.Header.Values("Authorization")) == 1
}

// dispatch has a path do what the method says.
func (a *api) dispatch(can methods, w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	do := can[method]
	if do == nil {
		allowed := make([]string, 0, len(can))
		for name := range can {
			allowed = append(allowed, name)
		}
		slices.Sort(allowed)
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		a.refuse(w, r, problem{http.StatusMethodNotAllowed, "method_not_allowed", "want " + strings.Join(allowed, " or ")})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	do(a, w, r)
}

// refuse answers a request that is refused, and writes the audit line of that.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, p problem) {
	a.cfg.Log.Warn("admin request refused", "status", p.status, "code", p.code, "method", cut(r.Method),
		"path", cut(r.URL.Path), "host", cut(r.Host), "remote", r.RemoteAddr)
	p.write(w)
}

// by says who it is that asks, for the audit lines.
func by(r *http.Request) string { return "admin from " + r.RemoteAddr }

// maxLogged is how much of a text of somebody's is logged (bytes).
const maxLogged = 64

// cut returns the beginning of a text. That nothing in it can be taken for anything else is the log's business, which quotes.
func cut(text string) string { return text[:min(len(text), maxLogged)] }
