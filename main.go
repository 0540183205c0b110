// Aoiworld is an MMO world server. This file starts and stops it: Main is the server, wiring.go how it is put together.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"aoiworld/cmd"
	"aoiworld/conf"
	"aoiworld/net/wire"
	"aoiworld/ops"
	"aoiworld/player"
	"aoiworld/world"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	program := cmd.Program{
		NewServer: func(cfg conf.Config, log *slog.Logger) (cmd.Server, error) { return NewMain(cfg, log) },
		Stdout:    os.Stdout, Stderr: os.Stderr, Env: os.Environ(),
	}
	os.Exit(cmd.Execute(ctx, program, os.Args[1:]))
}

// frontend is a way in for players.
type frontend interface {
	Serve() error // until Close
	Close() error // stops accepting; connections go on
	Wait()        // until all connections have been dealt with
}

// Main is the server: everything that is started and stopped together.
type Main struct {
	cfg conf.Config
	log *slog.Logger

	worlds   *world.Manager
	audience *player.Audience
	registry *player.Registry
	gate     *wire.Gate
	metrics  *ops.Metrics
	ops      *ops.Server

	ready     chan struct{}
	addresses map[string]net.Addr // by the key of the listener
}

// NewMain returns a server that is ready to Run. The error says what the configuration makes impossible.
func NewMain(cfg conf.Config, log *slog.Logger) (*Main, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	m := &Main{cfg: cfg, log: log, ready: make(chan struct{}), addresses: map[string]net.Addr{}}
	return m, m.assemble()
}

// Ready is closed when all listeners are bound and players can come.
func (m *Main) Ready() <-chan struct{} { return m.ready }

// Addresses returns where the listeners are bound, by their keys. It is for after Ready.
func (m *Main) Addresses() map[string]net.Addr { return m.addresses }

// Run binds all listeners, or none, and serves until ctx ends or a listener fails; then it stops accepting, tells
// everybody, and returns when they have gone, or after limits.shutdown_timeout. An *conf.Error tells of addresses that
// cannot be had.
func (m *Main) Run(ctx context.Context) error {
	listeners, err := m.bind()
	if err != nil {
		return err
	}
	frontends := m.frontends(listeners)
	background, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { m.worlds.Run(background) })
	running.Go(func() { m.registry.Run(background) })
	failed := m.serve(frontends, listeners, &running)
	m.announce()
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
		m.log.Error("a listener failed", "error", err)
	}
	err = errors.Join(err, m.drain(frontends))
	stop()
	running.Wait()
	m.log.Info("stopped")
	return err
}

// serve lets the frontends and the operator's pages serve, each on a goroutine of its own. The first that fails is told.
func (m *Main) serve(frontends []frontend, listeners map[string]net.Listener, running *sync.WaitGroup) (failed <-chan error) {
	failures := make(chan error, len(frontends)+1)
	run := func(serve func() error) {
		running.Go(func() {
			if err := serve(); err != nil {
				failures <- err
			}
		})
	}
	for _, f := range frontends {
		run(f.Serve)
	}
	if l := listeners[opsAddress]; l != nil {
		run(func() error { return m.ops.Serve(l) })
	}
	return failures
}

// announce says that players can come, and where.
func (m *Main) announce() {
	m.ops.SetReady(true)
	attributes := []any{}
	for _, key := range []string{classicAddress, wsAddress, opsAddress} {
		if a := m.addresses[key]; a != nil {
			attributes = append(attributes, key, a.String())
		}
	}
	m.log.Info("ready", attributes...)
	close(m.ready)
}

// drain sends everybody home.
func (m *Main) drain(frontends []frontend) error {
	m.log.Info("stopping", "sessions", m.registry.Snapshot().Live())
	m.ops.SetReady(false)
	var err error
	for _, f := range frontends {
		err = errors.Join(err, f.Close())
	}
	m.registry.CloseAll(player.Shutdown)
	patience, cancel := context.WithTimeout(context.Background(), m.cfg.Limits.ShutdownTimeout)
	defer cancel()
	if late := m.registry.Wait(patience); late != nil {
		m.log.Warn("sessions did not go by themselves", "error", late)
	}
	for _, f := range frontends {
		f.Wait()
	}
	return errors.Join(err, m.closeOps())
}
