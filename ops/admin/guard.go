package admin

import "net/http"

// Guard lets through to profiles who may call the API: not from a page of somebody else's, and with the token. Each is an audit
// line.
func Guard(cfg Config, profiles http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		cfg.Log.Info("profile taken", "path", cut(r.URL.Path), "remote", r.RemoteAddr)
		profiles.ServeHTTP(w, r)
	})
	return http.HandlerFunc((&api{cfg: cfg, mux: mux}).guard)
}
