package server

import (
	"errors"
	"log/slog"
	"sync"

	"aoiworld/aoi"
	"aoiworld/conf"
	"aoiworld/npc"
	"aoiworld/player"
)

// settings are the configuration as it is now.
type settings struct {
	mu  sync.Mutex
	cfg conf.Config
}

// Configure changes the settings that can change while the server runs to those of a configuration, and returns the keys of
// which that is true. Players stay connected. Anybody may call it, also before Run. The error is an *conf.Error with all that is
// wrong, among it keys that differ and cannot change; then nothing has.
func (s *Server) Configure(cfg conf.Config) (changed []string, err error) {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	return s.configure(cfg)
}

// Amend is Configure with some settings changed of those that are in effect, as key=value.
func (s *Server) Amend(sets []string) (changed []string, err error) {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	cfg, err := conf.Amend(s.settings.cfg, sets)
	if err != nil {
		return nil, err
	}
	return s.configure(cfg)
}

// Settings returns the keys that can change while the server runs, with their values.
func (s *Server) Settings() map[string]any {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	return conf.Settings(s.settings.cfg)
}

// configure is Configure. The settings are locked.
func (s *Server) configure(cfg conf.Config) (changed []string, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	changed, err = conf.Changed(s.settings.cfg, cfg)
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	if _, err := aoi.NewGrid(grid(cfg.World)); err != nil {
		return nil, &conf.Error{Problems: []string{"world: " + err.Error()}}
	}
	if err := s.apply(cfg); err != nil {
		return nil, err
	}
	s.settings.cfg = cfg
	return changed, nil
}

// apply puts a configuration into effect that was checked. Sessions begin with another description of the world only when that
// has been asked for it: so who joins with the new one joins in the new one.
func (s *Server) apply(cfg conf.Config) error {
	resolved := cfg
	resolved.Limits.Connections = connections(cfg.Limits.Connections, descriptors())
	told := nativeConfig(&resolved)
	if s.settings.cfg.World != cfg.World {
		if err := s.reshape(cfg.World, told); err != nil {
			return err
		}
	}
	s.gate.Configure(gateConfig(resolved.Limits))
	s.level(cfg.Log)
	profile(cfg.Ops)
	return s.registry.Configure(playerLimits(resolved.Limits), told)
}

// reshape has the world go on by another configuration. It is cut into cells anew whatever has changed but the wanderers: that is
// when it is shown otherwise, and described.
func (s *Server) reshape(c conf.World, told player.NativeConfig) error {
	loop, err := s.worlds.World(worldName)
	if err != nil {
		return err
	}
	before := s.settings.cfg.World
	if before.NPCs != c.NPCs {
		s.wanderers.Store(true)
		if err := loop.Order(npc.Population(c.NPCs)); err != nil {
			return err
		}
	}
	if before.NPCs = c.NPCs; before == c {
		return nil
	}
	s.audience.Configure(player.Settings{World: told.World, FrameBudget: c.FrameBudget, Period: tickPeriod(c)})
	s.monitor.SetPeriod(tickPeriod(c))
	return errors.Join(loop.Retune(pace(c)), loop.Regrid(grid(c)))
}

// level sets the least level that is logged, where the log can have another.
func (s *Server) level(cfg conf.Log) {
	var level slog.Level
	if log, can := s.log.Handler().(interface{ SetLevel(slog.Level) }); can && level.UnmarshalText([]byte(cfg.Level)) == nil {
		log.SetLevel(level)
	}
}

// grid is how the world is cut into cells.
func grid(c conf.World) aoi.Config {
	return aoi.Config{Bounds: aoi.Bounds(c.Bounds), Columns: c.Columns, Rows: c.Rows, Radius: c.ViewRadius}
}
