package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"runtime"
	"time"

	"aoiworld/auth"
	"aoiworld/conf"
	"aoiworld/moderation"
	"aoiworld/ops"
	"aoiworld/ops/admin"
	"aoiworld/overload"
	"aoiworld/player"
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
	var guarded admin.Config
	if s.cfg.Admin() {
		file := s.cfg.Ops.AdminTokenFile
		token := func() ([]byte, error) { return auth.ReadSecret(file) }
		if _, err := token(); err != nil {
			return AdminTokenError(file, err)
		}
		guarded = admin.Config{
			Token: token, Hosts: s.cfg.Ops.AdminHosts, Moderator: s.moderator, Players: s.registry.Players,
			Player: s.registry.Player, Places: s.worlds.Census, Inspect: s.inspect, Teleport: s.teleport,
			Figures: s.figures.Since, Status: s.status, Settings: s.Settings, Amend: s.Amend, Drain: s.Drain, Log: s.log,
		}
		api = admin.NewHandler(guarded)
	}
	s.ops = ops.NewServer(s.metrics, api, s.log)
	if s.cfg.Ops.Pprof {
		s.ops.Handle(ops.ProfilesPath, admin.Guard(guarded, ops.Profiles()))
	}
	profile(s.cfg.Ops)
	return s.assembleOperationPage()
}

// teleport takes a player of a world to a position, and returns with which tick.
func (s *Server) teleport(ctx context.Context, name string, player world.ID, to world.Position) (tick uint64, err error) {
	loop, err := s.worlds.World(name)
	if err != nil {
		return 0, err
	}
	return loop.Do(ctx, world.Teleport{Player: player, To: to})
}

// inspect returns what a player was shown in a tick.
func (s *Server) inspect(ctx context.Context, id world.ID) (*player.Inspection, error) {
	loop, err := s.worlds.World(worldName)
	if err != nil {
		return nil, err
	}
	return s.audience.Inspect(ctx, loop, id)
}

// profile has the runtime note waits of goroutines, where profiles are to be had. Its rates are the whole process's.
func profile(c conf.Ops) {
	if c.Pprof {
		runtime.SetBlockProfileRate(int(c.BlockProfileRate))
		runtime.SetMutexProfileFraction(c.MutexProfileFraction)
	}
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

// state returns how the server stands, for the metrics.
func (s *Server) state() ops.State {
	s.settings.mu.Lock()
	cfg := s.settings.cfg
	s.settings.mu.Unlock()
	now := ops.State{
		Ready: s.ops.Ready(), FrameBudget: cfg.World.FrameBudget,
		Connections: connections(cfg.Limits.Connections, descriptors()),
	}
	if s.certificates != nil {
		now.CertificateEnds = s.certificates.Until()
	}
	if log, counts := s.log.Handler().(interface{ Dropped() uint64 }); counts {
		now.LinesDropped = log.Dropped()
	}
	return now
}

// observer is told of each tick of the world.
func (s *Server) observer() func(world.TickReport) {
	count := s.metrics.Observer(worldName)
	return func(r world.TickReport) {
		count(r)
		s.figures.Observe(r)
		s.monitor.Tick(r.Total(), time.Now())
	}
}

// overloadConfig is how much is too much.
func overloadConfig(c *conf.Config) overload.Config {
	limit := overload.MemoryLimit(uint64(c.Limits.OverloadMemory))
	return overload.Config{
		Period:    tickPeriod(c.World),
		TickShare: c.Limits.OverloadTickShare,
		Memory:    limit, Usage: overload.MemoryUsage(limit),
	}
}
