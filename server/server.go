// Package server is the whole server, put together: server.go starts and stops it, wiring.go says how its parts are tied.
// It is a package, and not the program, so that a game of one's own can import it.
package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"aoiworld/conf"
	"aoiworld/internal/build"
	"aoiworld/moderation"
	"aoiworld/net/entry"
	"aoiworld/net/poll"
	"aoiworld/net/wire"
	"aoiworld/ops"
	"aoiworld/ops/figures"
	"aoiworld/ops/tracing"
	"aoiworld/overload"
	"aoiworld/player"
	"aoiworld/world"
)

// frontend is a way in for players.
type frontend interface {
	Serve() error // until Close
	Close() error // stops accepting; connections go on
	Wait()        // until all connections have been dealt with
}

// Extension is a game of one's own. The zero value is none.
type Extension struct {
	// Handlers, unless nil, adds the game's message handlers, for ids from classic.FirstGameID on, and its hooks. Hooks at
	// the start of a session run before it enters the world.
	Handlers func(*player.Builder)
	// Games are what happens in the world.
	Games []world.Game
	// Page, unless nil, is shown to browsers instead of the page to play on: a game's own. It has an index.html.
	Page fs.FS
	// Record, unless nil, is shown the input of each tick: see world.LoopConfig.
	Record func(*world.Input)
}

// Server is everything that is started and stopped together.
type Server struct {
	cfg       conf.Config // as it was started
	settings  settings    // as they are now
	log       *slog.Logger
	extension Extension

	worlds    *world.Manager
	wanderers atomic.Bool // there are to be some, or were
	audience  *player.Audience
	registry  *player.Registry
	gate      *wire.Gate
	poller    *poll.Poller // nil where connections are not to be polled
	alarm     *poll.Alarm  // nil likewise

	certificates *entry.Certificates // nil without TLS, and before Run
	failed       entry.Stats

	monitor   *overload.Monitor
	sanctions *moderation.List
	moderator *moderation.Moderator

	page    http.Handler // nil where there is none
	metrics *ops.Metrics
	figures *figures.Recorder
	ops     *ops.Server
	tracer  *tracing.Tracer // nil unless spans are sent, and before Run

	stopping  atomic.Bool
	drained   sync.Once
	draining  chan struct{} // closed by Drain
	ready     chan struct{}
	addresses map[string]net.Addr // by the key of the listener
}

// New returns a server that is ready to Run. The error says what the configuration makes impossible, or wraps
// player.ErrDuplicate when the extension handles a message that has a handler.
func New(cfg conf.Config, log *slog.Logger, extension Extension) (*Server, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, log: log, extension: extension, ready: make(chan struct{}), draining: make(chan struct{}),
		addresses: map[string]net.Addr{},
	}
	if err := s.assemble(); err != nil {
		s.closePoller()
		return nil, err
	}
	return s, nil
}

// Ready is closed when all listeners are bound and players can come.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Drain has Run stop as if its context had ended. It does not wait for that, and may be called by anybody, more than once.
func (s *Server) Drain() { s.drained.Do(func() { close(s.draining) }) }

// Moderator returns what kicks, bans, mutes and announces, for a game of one's own as for the operator's API.
func (s *Server) Moderator() *moderation.Moderator { return s.moderator }

// Addresses returns where the listeners are bound, by their keys. It is for after Ready.
func (s *Server) Addresses() map[string]net.Addr { return s.addresses }

// Run binds all listeners, or none, and serves until ctx ends, Drain is called, a listener fails or the world is broken; then it
// stops accepting, tells everybody, and returns when they have gone, or after limits.shutdown_timeout. An *conf.Error tells of
// addresses that cannot be had, a *world.BrokenError of a world that could not go on.
func (s *Server) Run(ctx context.Context) error {
	defer s.closePoller()
	if err := s.startTracing(); err != nil {
		return err
	}
	defer s.stopTracing()
	listeners, err := s.bind()
	if err != nil {
		return err
	}
	frontends := s.frontends(listeners)
	background, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.registry.Run(background) })
	running.Go(func() { s.monitor.Run(background) })
	running.Go(func() { s.figures.Run(background) })
	if s.poller != nil {
		running.Go(func() { s.poller.Run(background) })
	}
	if s.certificates != nil {
		running.Go(func() { s.certificates.Run(background) })
	}
	if s.tracer != nil {
		running.Go(func() { s.tracer.Run(background) })
	}
	failures := make(chan error, len(frontends)+2)
	s.serve(background, frontends, listeners, &running, failures)
	s.announce()
	select {
	case <-ctx.Done():
	case <-s.draining:
	case err = <-failures:
		s.log.Error("the server cannot go on", "error", err)
	}
	err = errors.Join(err, s.drain(frontends))
	stop()
	running.Wait()
	close(failures)
	for late := range failures {
		err = errors.Join(err, late)
	}
	s.log.Info("stopped")
	return err
}

// closePoller lets go of the poller and the alarm, if there are any. Nothing can be done about a failure.
func (s *Server) closePoller() {
	if s.poller != nil {
		_ = s.poller.Close()
	}
	if s.alarm != nil {
		_ = s.alarm.Close()
	}
}

// serve lets the worlds run, and the frontends and the operator's pages serve, each on a goroutine of its own. What fails is
// told.
func (s *Server) serve(
	ctx context.Context, frontends []frontend, listeners map[string]net.Listener, running *sync.WaitGroup, failures chan<- error,
) {
	run := func(serve func() error) {
		running.Go(func() {
			if err := serve(); err != nil {
				failures <- err
			}
		})
	}
	run(func() error { return s.rescue(s.worlds.Run(ctx)) })
	for _, f := range frontends {
		run(f.Serve)
	}
	if l := listeners[conf.OpsAddress]; l != nil {
		run(func() error { return s.ops.Serve(l) })
	}
}

// announce says that players can come, and where.
func (s *Server) announce() {
	s.ops.SetReady(true)
	s.log.Info("room for players", "connections", s.cfg.Limits.Connections, "version", build.Read().Version)
	attributes := []any{}
	for _, key := range []string{conf.ClassicAddress, conf.NativeAddress, conf.WebSocketAddress, conf.OpsAddress} {
		if a := s.addresses[key]; a != nil {
			attributes = append(attributes, key, a.String())
		}
	}
	s.log.Info("ready", attributes...)
	close(s.ready)
}

// drain sends everybody home.
func (s *Server) drain(frontends []frontend) (err error) {
	s.log.Info("stopping", "sessions", s.registry.Snapshot().Live())
	s.stopping.Store(true)
	s.ops.SetReady(false)
	ctx, end := s.tracer.Start(context.Background(), "drain")
	defer func() { end(err) }()
	step := func(name string, do func() error) {
		_, end := s.tracer.Start(ctx, name)
		failed := do()
		end(failed)
		err = errors.Join(err, failed)
	}
	step("stop listening", func() (err error) {
		for _, f := range frontends {
			err = errors.Join(err, f.Close())
		}
		return err
	})
	step("send players home", func() error {
		s.sendHome()
		for _, f := range frontends {
			f.Wait()
		}
		return nil
	})
	step("close the operation port", s.closeOps)
	return err
}

// sendHome ends all sessions, and waits until they have gone or their time is up.
func (s *Server) sendHome() {
	s.registry.CloseAll(player.Shutdown)
	patience, cancel := context.WithTimeout(context.Background(), s.cfg.Limits.ShutdownTimeout)
	defer cancel()
	if late := s.registry.Wait(patience); late != nil {
		s.log.Warn("sessions did not go by themselves", "error", late)
	}
}
