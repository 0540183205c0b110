package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"time"

	"aoiworld/aoi"
	"aoiworld/conf"
	"aoiworld/internal/build"
	"aoiworld/net/classic"
	"aoiworld/net/entry"
	"aoiworld/net/native"
	"aoiworld/net/poll"
	"aoiworld/net/tcp"
	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/npc"
	"aoiworld/ops"
	"aoiworld/ops/figures"
	"aoiworld/overload"
	nativepb "aoiworld/pb/native"
	"aoiworld/player"
	"aoiworld/view"
	"aoiworld/view/stream"
	"aoiworld/world"
)

// worldName is the one world's, in logs and metrics.
const worldName = "main"

// stepsPerSecond is how often a wanderer moves, where the tick rate allows.
const stepsPerSecond = 10

// minChats is how many chats a world's mailbox holds at least.
const minChats = 64

// opsPatience is how long somebody who is reading the operator's pages may go on when the server stops.
const opsPatience = 500 * time.Millisecond

// controlRoom is what a frame leaves free of limits.max_pending for the transport: a header, and a control message that
// got in before the frame (bytes).
const controlRoom = 256

// assemble makes the parts and ties them together, from the inside out.
func (s *Server) assemble() error {
	stats := &player.Stats{}
	s.settings.cfg = s.cfg
	s.wanderers.Store(s.cfg.World.NPCs > 0)
	s.cfg.Limits.Connections = connections(s.cfg.Limits.Connections, descriptors())
	if s.cfg.Net.Polling {
		var err error
		if s.poller, err = poll.New(0); err != nil {
			return err
		}
		if s.alarm, err = poll.NewAlarm(); err != nil {
			return err
		}
	}
	s.worlds = world.NewManager()
	s.gate = wire.NewGate(gateConfig(s.cfg.Limits))
	s.monitor = overload.NewMonitor(overloadConfig(&s.cfg), s.log)
	s.metrics = ops.NewMetrics(ops.Sources{
		Sessions: s.sessions, Worlds: s.worlds.Snapshots, Refused: s.refused, Overload: s.monitor,
		Build: build.Read(), State: s.state,
	})
	s.figures = figures.New(figures.Sources{Sessions: s.sessions, Worlds: s.worlds.Snapshots, Overloaded: s.monitor.Busy})
	worldConfig := worldConfig(s.cfg.World)
	worldConfig.Games = s.games()
	grid, err := aoi.NewGrid(worldConfig.Grid)
	if err != nil {
		return err
	}
	maxFrame := s.cfg.Limits.MaxPending - controlRoom
	s.audience = player.NewAudience(
		view.New(view.Config{
			Grid: grid, Headroom: wire.Headroom, MaxFrame: maxFrame,
			Budget: s.cfg.World.FrameBudget, Period: tickPeriod(s.cfg.World),
		}, classic.Encoder{}),
		stream.New(stream.Config{
			Grid: grid, Lattice: lattice(s.cfg.World), Headroom: wire.Headroom, MaxFrame: maxFrame,
			Budget: s.cfg.World.FrameBudget, Period: tickPeriod(s.cfg.World),
		}),
		stats, 0,
	)
	loop, err := world.NewLoop(world.LoopConfig{
		Name: worldName, World: worldConfig, Pace: pace(s.cfg.World), Source: s.source(), Alarm: s.sleepsBy(),
		MaxChats: chatsPerTick(s.cfg.World), CheckEvery: s.cfg.World.CheckEvery,
		NextIDs: s.nextIDs, Record: s.extension.Record, Observe: s.observer(),
	}, s.audience, s.log)
	if err != nil {
		return err
	}
	if err := s.worlds.Add(loop); err != nil {
		return err
	}
	return s.assembleSessions(stats)
}

// assembleSessions makes the parts that know who is connected, and what the operator has of them.
func (s *Server) assembleSessions(stats *player.Stats) error {
	handlers, err := s.handlers()
	if err != nil {
		return err
	}
	who, err := authConfig(s.cfg.Auth, s.log)
	if err != nil {
		return err
	}
	s.sanctions, err = sanctions(s.cfg.Moderation)
	if err != nil {
		return err
	}
	s.registry, err = player.NewRegistry(player.Config{
		Limits: playerLimits(s.cfg.Limits), Handlers: handlers, Stats: stats, Log: s.log, Native: nativeConfig(&s.cfg), Auth: who,
		Sanctions: s.sanctions, Busy: s.monitor.Busy, LoggedIn: s.loggedIn(),
	})
	if err != nil {
		return err
	}
	if err := s.assemblePage(); err != nil {
		return err
	}
	return s.assembleOps()
}

// source is what brings the commands of polled connections.
func (s *Server) source() world.Source {
	if s.poller == nil {
		return nil
	}
	return s.poller
}

// sleepsBy returns what the world's loop sleeps by, or nil.
func (s *Server) sleepsBy() world.Alarm {
	if s.alarm == nil {
		return nil
	}
	return s.alarm
}

// handlers says what sessions can do: speak their dialect, what the extension has them do, and enter the world.
func (s *Server) handlers() (*player.Handlers, error) {
	b := player.NewBuilder()
	player.AddClassic(b)
	player.AddNative(b)
	if s.extension.Handlers != nil {
		s.extension.Handlers(b)
	}
	b.OnEnter(s.enter)
	return b.Build()
}

// games returns what happens in the world beside moves and chats.
func (s *Server) games() []world.Game {
	games := s.extension.Games
	return append(games[:len(games):len(games)], npc.Wanderers(npc.Config{
		Count: s.cfg.World.NPCs, Seed: s.cfg.World.Seed, Bounds: aoi.Bounds(s.cfg.World.Bounds),
		Every: time.Second / stepsPerSecond,
	}))
}

// nextIDs gives the world ids for what its games spawn, once there is somebody who does: before, players have the first ones.
func (s *Server) nextIDs(n int32) (world.IDRange, error) {
	if len(s.extension.Games) == 0 && !s.wanderers.Load() {
		return world.IDRange{}, world.ErrNoIDs
	}
	return s.worlds.NextIDs(n)
}

// enter brings a new session into the world, as a new player, so its epoch is the first.
func (s *Server) enter(session *player.Session) {
	loop, err := s.worlds.World(worldName)
	if err != nil {
		panic(err) // assemble has added it
	}
	id, err := s.worlds.NextID()
	if err != nil {
		s.log.Error("nobody can join any more", "error", err)
		session.Close(player.Internal)
		return
	}
	layer, sees := session.Layers()
	s.audience.Enter(session, loop, world.Join{Player: id, Epoch: 1, Name: session.Name(), Layer: layer, Sees: sees})
}

// chatsPerTick is how many chats a world's mailbox holds: at least what the world's chat rate lets through at once.
func chatsPerTick(c conf.World) int { return max(minChats, int(math.Ceil(c.ChatRate))) }

// closeOps closes the operator's pages. That somebody kept a connection open is no failure.
func (s *Server) closeOps() error {
	ctx, cancel := context.WithTimeout(context.Background(), opsPatience)
	defer cancel()
	if err := s.ops.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// bind binds all listeners, or none.
func (s *Server) bind() (map[string]net.Listener, error) {
	listeners := map[string]net.Listener{}
	wrong := &conf.Error{}
	for _, want := range []struct{ key, address string }{
		{conf.ClassicAddress, s.cfg.Net.TCP.Classic.Address},
		{conf.NativeAddress, s.cfg.Net.TCP.Native.Address},
		{conf.WebSocketAddress, s.cfg.Net.WS.Address},
		{conf.OpsAddress, s.cfg.Ops.Address},
	} {
		if want.address == "" {
			continue
		}
		l, err := net.Listen("tcp", want.address)
		if err != nil {
			wrong.Problems = append(wrong.Problems, fmt.Sprintf("%s: %v", want.key, err))
			continue
		}
		listeners[want.key], s.addresses[want.key] = l, l.Addr()
	}
	if len(wrong.Problems) == 0 {
		err := s.guard(listeners)
		if err == nil {
			return listeners, nil
		}
		wrong.Problems = append(wrong.Problems, err.Error())
	}
	for _, l := range listeners {
		_ = l.Close() // it was never used
	}
	return nil, wrong
}

// sessions returns the statistics of all sessions.
func (s *Server) sessions() *player.Snapshot { return s.registry.Snapshot() }

// refused returns how many connections the gate has turned away, by the reason's label.
func (s *Server) refused() map[string]uint64 {
	counts := make(map[string]uint64, int(wire.Refusals)+int(entry.Failures))
	for r := range wire.Refusals {
		counts[r.String()] = s.gate.Refused(r)
	}
	for f := range entry.Failures {
		counts[f.String()] = s.failed.Failed(f)
	}
	return counts
}

// worldConfig is the world as the configuration describes it.
func worldConfig(c conf.World) world.Config {
	return world.Config{
		Grid:  grid(c),
		Spawn: aoi.Bounds(c.Spawn), Seed: c.Seed, ChatRate: c.ChatRate,
		Movement: world.Movement{Mode: world.Mode(c.Movement.Mode), MaxSpeed: c.Movement.MaxSpeed},
	}
}

// tickPeriod is from one tick to the next when it is due.
func tickPeriod(c conf.World) time.Duration { return time.Duration(float64(time.Second) / c.TickRate) }

// pace is when the world's ticks come.
func pace(c conf.World) world.PaceConfig {
	p := world.PaceConfig{TickRate: c.TickRate, MinTickRate: c.MinTickRate}
	if c.EarlyTick {
		p.MinInterval = c.MinInterval
	}
	return p
}

// lattice is to what positions are rounded in the native dialect.
func lattice(c conf.World) native.Lattice {
	l := native.Lattice{MinX: c.Bounds.MinX, MaxX: c.Bounds.MaxX, MinZ: c.Bounds.MinZ, MaxZ: c.Bounds.MaxZ, Quantum: c.Quantum}
	if l.Quantum == 0 {
		const finest = 0.01 // world units
		for l.Quantum = finest; !l.Exact(); {
			l.Quantum *= 2
		}
	}
	return l
}

// nativeConfig is what sessions of the native dialect are told.
func nativeConfig(c *conf.Config) player.NativeConfig {
	w, l := &c.World, lattice(c.World)
	return player.NativeConfig{
		World: &nativepb.World{
			Name: worldName, MinX: w.Bounds.MinX, MaxX: w.Bounds.MaxX, MinZ: w.Bounds.MinZ, MaxZ: w.Bounds.MaxZ,
			Columns: uint32(w.Columns), Rows: uint32(w.Rows), ViewRadius: uint32(w.ViewRadius), TickRate: w.TickRate,
			Quantum: l.Quantum,
		},
		Lattice: l,
		Limits: &nativepb.Limits{
			MaxPayload: uint32(c.Limits.MaxPayload), BytesPerSecond: uint32(c.Limits.BytesPerSecond),
			ChatBytes: uint32(c.Limits.ChatMaxBytes), ChatsPerSecond: c.Limits.ChatPerSecond, MaxSpeed: w.Movement.MaxSpeed,
		},
		ResumeWindow: c.Auth.ResumeWindow,
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
	l.HelloTimeout = c.HelloTimeout
	l.UnknownPerMinute, l.MalformedPerMinute = c.UnknownPerMinute, c.MalformedPerMinute
	l.BadPositionsPerMinute, l.TooFastPerMinute = c.BadPositionsPerMinute, c.RejectedMovesPerMinute
	l.MessageRate, l.MessageBurst = c.MessagesPerSecond, c.MessageBurst
	l.GestureRate, l.GestureBurst = c.GesturesPerSecond, c.GestureBurst
	l.PingRate, l.PingBurst = c.PingsPerSecond, c.PingBurst
	l.ChatBytes, l.ChatRate, l.ChatBurst = c.ChatMaxBytes, c.ChatPerSecond, c.ChatBurst
	return l
}

// adopt is what takes connections over, to be polled, or nil.
func (s *Server) adopt() func(net.Conn) net.Conn {
	if s.poller == nil {
		return nil
	}
	return s.poller.Adopt
}

// tcpConfig is how connections over TCP are served; those over WebSocket are held to the same.
func (s *Server) tcpConfig() tcp.Config {
	return tcp.Config{
		Gate: s.frontendGate(), Sockets: s.sockets(), MaxPayload: s.cfg.Limits.MaxPayload, Adopt: s.adopt(),
		Budget: wire.Budget{BytesPerSecond: s.cfg.Limits.BytesPerSecond, Burst: s.cfg.Limits.ByteBurst},
	}
}

// frontends returns the ways in for players on bound listeners.
func (s *Server) frontends(listeners map[string]net.Listener) (all []frontend) {
	plain := s.tcpConfig()
	if l := listeners[conf.ClassicAddress]; l != nil {
		all = append(all, tcp.NewServer(l, plain, s.registry.Accept, s.log))
	}
	if l := listeners[conf.NativeAddress]; l != nil {
		all = append(all, tcp.NewServer(l, plain, s.registry.AcceptNative, s.log))
	}
	if l := listeners[conf.WebSocketAddress]; l != nil {
		all = append(all, ws.NewServer(l, ws.Config{
			Gate: plain.Gate, Budget: plain.Budget, Sockets: plain.Sockets, MaxPayload: plain.MaxPayload, Adopt: plain.Adopt,
			Path: s.cfg.Net.WS.Path, Page: s.page, AllowedOrigins: s.cfg.Net.WS.AllowedOrigins,
			Subprotocols: map[string]wire.Accept{native.Subprotocol: s.registry.AcceptNative},
		}, s.registry.Accept, s.log))
	}
	return all
}
