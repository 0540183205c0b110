package ops

import (
	"net/http"
	"net/http/pprof"
	"time"
)

// ProfilesPath is where Profiles belongs.
const ProfilesPath = "/debug/pprof/"

// Profiles answers with profiles of the process, as package net/http/pprof does; go tool pprof reads them. They tell much, and
// taking one costs time: it is for nobody but the operator, who is asked for elsewhere. (The package adds its own to
// http.DefaultServeMux, too, which nobody serves.)
func Profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(ProfilesPath, pprof.Index)
	mux.HandleFunc(ProfilesPath+"cmdline", pprof.Cmdline)
	mux.HandleFunc(ProfilesPath+"profile", pprof.Profile)
	mux.HandleFunc(ProfilesPath+"symbol", pprof.Symbol)
	mux.HandleFunc(ProfilesPath+"trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A profile of half a minute is no request that dawdles. The package itself sees to the time for writing.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // what cannot be bounded has no bound to lift
		mux.ServeHTTP(w, r)
	})
}
