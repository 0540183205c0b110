package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"time"

	"aoiworld/aoi"
	"aoiworld/conf"
	"aoiworld/net/classic"
	"aoiworld/net/tcp"
	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/ops"
	"aoiworld/player"
	"aoiworld/view"
	"aoiworld/world"
)

// Keys of the listeners.
const (
	classicAddress = "net.tcp.classic.address"
	wsAddress      = "net.ws.address"
	opsAddress     = "ops.address"
)

// worldName is the one world's, in logs and metrics.
const worldName = "main"

// minChats is how many chats a world's mailbox holds at least.
const minChats = 64

// opsPatience is how long somebody who is reading the operator's pages may go on when the server stops.
const opsPatience = 500 * time.Millisecond

// controlRoom is what a frame leaves free of limits.max_pending for the transport: a header, and a control message that
// got in before the frame (bytes).
const controlRoom = 256

// assemble makes the parts and ties them together, from the inside out.
func (m *Main) assemble() error {
	stats := &player.Stats{}
	m.worlds = world.NewManager()
	m.gate = wire.NewGate(gateConfig(m.cfg.Limits))
	m.metrics = ops.NewMetrics(ops.Sources{Sessions: stats.Snapshot, Worlds: m.worlds.Snapshots, Refused: m.refused})
	m.ops = ops.NewServer(m.metrics, m.log)
	worldConfig := worldConfig(m.cfg.World)
	grid, err := aoi.NewGrid(worldConfig.Grid)
	if err != nil {
		return err
	}
	shown := view.New(view.Config{
		Grid: grid, Headroom: wire.Headroom, MaxFrame: m.cfg.Limits.MaxPending - controlRoom,
	}, classic.Encoder{})
	m.audience = player.NewAudience(shown, stats, 0)
	loop, err := world.NewLoop(world.LoopConfig{
		Name: worldName, World: worldConfig, TickRate: m.cfg.World.TickRate, MaxChats: chatsPerTick(m.cfg.World),
		Observe: m.metrics.Observer(worldName, m.cfg.World.TickRate),
	}, m.audience, m.log)
	if err != nil {
		return err
	}
	if err := m.worlds.Add(loop); err != nil {
		return err
	}
	handlers, err := m.handlers()
	if err != nil {
		return err
	}
	m.registry, err = player.NewRegistry(player.Config{
		Limits: playerLimits(m.cfg.Limits), Handlers: handlers, Stats: stats, Log: m.log,
	})
	return err
}

// handlers says what sessions can do: enter the world as they start, and speak the classic dialect.
func (m *Main) handlers() (*player.Handlers, error) {
	b := player.NewBuilder()
	player.AddClassic(b)
	b.OnStart(m.enter)
	return b.Build()
}

// enter brings a new session into the world as a guest. A guest has no other session, so its epoch is the first.
func (m *Main) enter(s *player.Session) {
	loop, err := m.worlds.World(worldName)
	if err != nil {
		panic(err) // assemble has added it
	}
	id, err := m.worlds.NextID()
	if err != nil {
		m.log.Error("nobody can join any more", "error", err)
		s.Close(player.Internal)
		return
	}
	m.audience.Enter(s, loop, id, 1)
}

// chatsPerTick is how many chats a world's mailbox holds: at least what the world's chat rate lets through at once.
func chatsPerTick(c conf.World) int { return max(minChats, int(math.Ceil(c.ChatRate))) }

// closeOps closes the operator's pages. That somebody kept a connection open is no failure.
func (m *Main) closeOps() error {
	ctx, cancel := context.WithTimeout(context.Background(), opsPatience)
	defer cancel()
	if err := m.ops.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// bind binds all listeners, or none.
func (m *Main) bind() (map[string]net.Listener, error) {
	listeners := map[string]net.Listener{}
	wrong := &conf.Error{}
	for _, want := range []struct{ key, address string }{
		{classicAddress, m.cfg.Net.TCP.Classic.Address}, {wsAddress, m.cfg.Net.WS.Address}, {opsAddress, m.cfg.Ops.Address},
	} {
		if want.address == "" {
			continue
		}
		l, err := net.Listen("tcp", want.address)
		if err != nil {
			wrong.Problems = append(wrong.Problems, fmt.Sprintf("%s: %v", want.key, err))
			continue
		}
		listeners[want.key], m.addresses[want.key] = l, l.Addr()
	}
	if len(wrong.Problems) == 0 {
		return listeners, nil
	}
	for _, l := range listeners {
		_ = l.Close() // it was never used
	}
	return nil, wrong
}

// refused returns how many connections the gate has turned away, by the reason's label.
func (m *Main) refused() map[string]uint64 {
	counts := make(map[string]uint64, wire.Refusals)
	for r := range wire.Refusals {
		counts[r.String()] = m.gate.Refused(r)
	}
	return counts
}

// worldConfig is the world as the configuration describes it.
func worldConfig(c conf.World) world.Config {
	return world.Config{
		Grid:  aoi.Config{Bounds: aoi.Bounds(c.Bounds), Columns: c.Columns, Rows: c.Rows, Radius: c.ViewRadius},
		Spawn: aoi.Bounds(c.Spawn), Seed: c.Seed, ChatRate: c.ChatRate,
		Movement: world.Movement{Mode: world.Mode(c.Movement.Mode), MaxSpeed: c.Movement.MaxSpeed},
	}
}

// gateConfig is who may connect.
func gateConfig(c conf.Limits) wire.GateConfig {
	return wire.GateConfig{
		MaxConnections: c.Connections, MaxPerAddress: c.ConnectionsPerIP, NewPerSecond: c.NewConnectionsPerIP,
		LimitLoopback: !c.ExemptLoopback,
	}
}

// playerLimits is what a session may cost.
func playerLimits(c conf.Limits) player.Limits {
	l := player.DefaultLimits()
	l.MaxSessions, l.MaxPending, l.SlowConsumer = c.Connections, c.MaxPending, c.SlowConsumer
	l.FrameTimeout, l.PingInterval, l.DeadAfter, l.IdleTimeout = c.FrameTimeout, c.PingInterval, c.DeadAfter, c.IdleTimeout
	l.UnknownPerMinute, l.MalformedPerMinute = c.UnknownPerMinute, c.MalformedPerMinute
	l.BadPositionsPerMinute, l.TooFastPerMinute = c.BadPositionsPerMinute, c.RejectedMovesPerMinute
	l.ChatBytes, l.ChatRate, l.ChatBurst = c.ChatMaxBytes, c.ChatPerSecond, c.ChatBurst
	return l
}

// frontends returns the ways in for players on bound listeners.
func (m *Main) frontends(listeners map[string]net.Listener) (all []frontend) {
	budget := wire.Budget{BytesPerSecond: m.cfg.Limits.BytesPerSecond, Burst: m.cfg.Limits.ByteBurst}
	sockets := wire.DefaultSocketOptions()
	sockets.SendBuffer, sockets.ReceiveBuffer = m.cfg.Net.SendBuffer, m.cfg.Net.ReceiveBuffer
	if l := listeners[classicAddress]; l != nil {
		all = append(all, tcp.NewServer(l, tcp.Config{
			Gate: m.gate, Budget: budget, Sockets: sockets, MaxPayload: m.cfg.Limits.MaxPayload,
		}, m.registry.Accept, m.log))
	}
	if l := listeners[wsAddress]; l != nil {
		all = append(all, ws.NewServer(l, ws.Config{
			Gate: m.gate, Budget: budget, Sockets: sockets, Path: m.cfg.Net.WS.Path, AllowedOrigins: m.cfg.Net.WS.AllowedOrigins,
			MaxPayload: m.cfg.Limits.MaxPayload,
		}, m.registry.Accept, m.log))
	}
	return all
}
