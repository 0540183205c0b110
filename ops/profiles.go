package ops

import (
	"net/http"
	"net/http/pprof"
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
	return mux
}
