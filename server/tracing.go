package server

import (
	"context"
	"time"

	"aoiworld/conf"
	"aoiworld/internal/build"
	"aoiworld/ops/tracing"
	"aoiworld/player"
)

// spansPatience is how long the last spans may take to get out when the server stops.
const spansPatience = 2 * time.Second

// startTracing makes what sends spans, if they are to be sent. The error is an *conf.Error.
func (s *Server) startTracing() (err error) {
	c := s.cfg.Ops.Tracing
	if c.Endpoint == "" {
		return nil
	}
	s.tracer, err = tracing.New(tracing.Config{
		Endpoint: c.Endpoint, SampleRatio: c.SampleRatio, Build: build.Read(), Log: s.log,
	})
	if err != nil {
		return &conf.Error{Problems: []string{"ops.tracing.endpoint: " + err.Error()}}
	}
	return nil
}

// loggedIn returns what is told of logins, or nil. There is nobody to log in before startTracing.
func (s *Server) loggedIn() func(player.LoginReport) {
	if s.cfg.Ops.Tracing.Endpoint == "" {
		return nil
	}
	return func(r player.LoginReport) { s.tracer.Login(r) }
}

// stopTracing sends what is left to be sent.
func (s *Server) stopTracing() {
	if s.tracer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), spansPatience)
	defer cancel()
	if err := s.tracer.Close(ctx); err != nil {
		s.log.Warn("the last spans are lost", "error", err)
	}
}
