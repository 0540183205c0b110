package server

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"aoiworld/auth"
	"aoiworld/conf"
	"aoiworld/moderation"
	"aoiworld/ops"
	"aoiworld/ops/admin"
	"aoiworld/overload"
	"aoiworld/world"
)

// Keys of the files that the operator's side has.
const (
	adminTokenFile = "ops.admin_token_file"
	moderationFile = "moderation.file"
)

// fileError is what is wrong with a configured file, as an *conf.Error.
func fileError(key, file string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &conf.Error{Problems: []string{fmt.Sprintf("%s: %s: %v", key, file, err)}}
}

// AdminTokenError is what is wrong with the file of the operator's token, as an *conf.Error.
func AdminTokenError(file string, err error) error { return fileError(adminTokenFile, file, err) }

// sanctions returns the bans and mutes that are kept. The error is an *conf.Error about their file.
func sanctions(c conf.Moderation) (*moderation.List, error) {
	list, err := moderation.OpenList(c.File, time.Now())
	if err != nil {
		return nil, fileError(moderationFile, c.File, err)
	}
	return list, nil
}

// assembleOps makes what the operator looks at and acts by. The error is an *conf.Error about the file of his token.
func (s *Server) assembleOps() error {
	s.moderator = moderation.NewModerator(s.sanctions, s.registry, s.log)
	var api http.Handler
	if s.cfg.Admin() {
		file := s.cfg.Ops.AdminTokenFile
		token := func() ([]byte, error) { return auth.ReadSecret(file) }
		if _, err := token(); err != nil {
			return AdminTokenError(file, err)
		}
		api = admin.NewHandler(admin.Config{
			Token: token, Hosts: s.cfg.Ops.AdminHosts, Moderator: s.moderator, Players: s.registry.Players,
			Places: s.worlds.Census, Status: s.status, Settings: s.Settings, Amend: s.Amend, Drain: s.Drain, Log: s.log,
		})
	}
	s.ops = ops.NewServer(s.metrics, api, s.log)
	return nil
}

// status returns how the server stands.
func (s *Server) status() admin.Status {
	counts := s.sessions()
	status := admin.Status{
		Ready: s.ops.Ready(), Draining: s.stopping.Load(), Overloaded: []string{}, Worlds: []admin.WorldStatus{},
		Sessions: counts.Live(), Detached: counts.Detached,
	}
	for r := range overload.Resources {
		if s.monitor.Short(r) {
			status.Overloaded = append(status.Overloaded, r.String())
		}
	}
	for _, w := range s.worlds.Snapshots() {
		status.Worlds = append(status.Worlds, admin.WorldStatus{
			Name: w.World, Tick: w.Tick, TickRate: w.Rate, Players: w.Players, Entities: w.Entities,
		})
	}
	return status
}

// observer is told of each tick of the world.
func (s *Server) observer() func(world.TickReport) {
	count := s.metrics.Observer(worldName)
	return func(r world.TickReport) {
		count(r)
		var took time.Duration
		for _, phase := range r.Took {
			took += phase
		}
		s.monitor.Tick(took, time.Now())
	}
}

// overloadConfig is how much is too much.
func overloadConfig(c *conf.Config) overload.Config {
	limit := overload.MemoryLimit(uint64(c.Limits.OverloadMemory))
	return overload.Config{
		Period:    time.Duration(float64(time.Second) / c.World.TickRate),
		TickShare: c.Limits.OverloadTickShare,
		Memory:    limit, Usage: overload.MemoryUsage(limit),
	}
}
