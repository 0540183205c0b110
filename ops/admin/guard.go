package admin

import "net/http"

// Guard lets through to a handler who may call the API: not from a page of somebody else's, and with the token.
func Guard(cfg Config, to http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", to)
	return http.HandlerFunc((&api{cfg: cfg, mux: mux}).guard)
}
