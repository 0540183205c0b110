package conf

import "time"

// Config is everything that can be configured. The comment on a field is its documentation, for users as well as for
// readers; its tags are its key, its unit, its range, and whether it can change while the server runs.
type Config struct {
	// The world: its map, its cells, its tick.
	World World `key:"world"`
	// Listeners. An empty address turns a listener off.
	Net Net `key:"net"`
	// Who may play, and go on.
	Auth Auth `key:"auth"`
	// What a client may cost. Loopback peers are exempt from the limits per address.
	Limits Limits `key:"limits"`
	// Bans and mutes.
	Moderation Moderation `key:"moderation"`
	// Health, readiness, metrics and the operator's API, over HTTP.
	Ops Ops `key:"ops"`
	// The server's log, on standard error.
	Log Log `key:"log"`
}

// Keys of the listeners' addresses.
const (
	ClassicAddress   = "net.tcp.classic.address"
	NativeAddress    = "net.tcp.native.address"
	WebSocketAddress = "net.ws.address"
	OpsAddress       = "ops.address"
)

// World configures the world.
type World struct {
	// The rectangle of the map, its borders included.
	Bounds Bounds `key:"bounds"`
	// Cells along X. A player sees its own cell and those around it, so a cell should be about as wide as one can see.
	Columns int `key:"columns" unit:"cells" range:"1..1048576" live:"true"`
	// Cells along Z.
	Rows int `key:"rows" unit:"cells" range:"1..1048576" live:"true"`
	// How many cells are seen in each direction: 1 is nine cells, 0 is one's own cell alone.
	ViewRadius int `key:"view_radius" unit:"cells" range:"0..64" live:"true"`
	// How often the world moves on, and everybody is told what happened: more often while little happens (early_tick), less often
	// while ticks take too long (min_tick_rate).
	TickRate float64 `key:"tick_rate" unit:"Hz" range:"0.1..120" live:"true"`
	// Lets a tick come before it is due when somebody has done something and ticks take little of the time: latency is
	// then a few milliseconds whatever the tick rate. Ends by itself as load grows. It costs clients more, smaller packets.
	EarlyTick bool `key:"early_tick" live:"true"`
	// The least time from one tick to an early one.
	MinInterval time.Duration `key:"min_interval" range:"1ms..1s" live:"true"`
	// To what the tick rate sinks, little by little, while ticks take too long; it rises again by itself. 0 is that it does
	// not sink, as is tick_rate and more; ticks that are too late are then skipped.
	MinTickRate float64 `key:"min_tick_rate" unit:"Hz" range:"0..120" live:"true"`
	// What a client is sent in one tick at most, about: where more would happen in its view, of the largest crowds in it the
	// nearest are told at once and the others in turn, so that traffic no longer grows with the crowd. 0 is no limit; the
	// least is 256. See docs/crowds.md.
	FrameBudget int `key:"frame_budget" unit:"bytes" range:"0..1048576" live:"true"`
	// To what positions are rounded in the native dialect. 0 is a hundredth of a world unit, or as little more as positions
	// so far from 0 need.
	Quantum float64 `key:"quantum" unit:"world units" range:"0..1e6"`
	// Where newcomers appear: a rectangle inside the bounds, at height 0.
	Spawn Bounds `key:"spawn"`
	// The speed budget.
	Movement Movement `key:"movement"`
	// Chats a second in the whole world; more are dropped. 0 is no limit.
	ChatRate float64 `key:"chat_rate" unit:"chats/s" range:"0..100000"`
	// Chooses the spawn points and where the wanderers walk: equal seeds, equal worlds. 0 is a seed like any other.
	Seed uint64 `key:"seed"`
	// How many wanderers walk about by themselves, so that a lonely visitor sees life. Clients see them as they see
	// players; those that know message 203 are told which they are. 0 is none.
	NPCs int `key:"npcs" unit:"wanderers" range:"0..100000" live:"true"`
	// In what time the whole world is checked for what must always be so, a part of it after each tick. If something is not, the
	// server tells everybody, writes down the world as it last was good, and ends with exit code 1. 0 is not at all, 1ns is
	// everything after each tick.
	CheckEvery time.Duration `key:"check_every" range:"0s..1h"`
	// The directory into which a broken world is written down. Empty is the system's for temporary files.
	RescueDirectory string `key:"rescue_directory" range:"file"`
}

// Bounds is a rectangle on the X/Z plane.
type Bounds struct {
	// Smallest X.
	MinX float64 `key:"min_x" unit:"world units" range:"-1e30..1e30"`
	// Largest X.
	MaxX float64 `key:"max_x" unit:"world units" range:"-1e30..1e30"`
	// Smallest Z.
	MinZ float64 `key:"min_z" unit:"world units" range:"-1e30..1e30"`
	// Largest Z.
	MaxZ float64 `key:"max_z" unit:"world units" range:"-1e30..1e30"`
}

// Movement configures the speed budget.
type Movement struct {
	// What happens to moves that are too fast: nothing (off), they are counted (log), or they are refused and answered
	// by the true position (enforce).
	Mode string `key:"mode" range:"off|log|enforce"`
	// Fastest move over the X/Z plane; height and heading are free. 0 is no limit, and only in mode off. Moves that come less
	// evenly than within 0.39 s (jitter, time between moves and between ticks together) need more than the players' own speed.
	MaxSpeed float64 `key:"max_speed" unit:"world units/s" range:"0..1e30"`
}

// Net configures the listeners.
type Net struct {
	// Plain TCP.
	TCP TCP `key:"tcp"`
	// WebSocket.
	WS WebSocket `key:"ws"`
	// SO_SNDBUF of each connection: what a client that does not read costs the kernel. 0 leaves it to the system.
	SendBuffer int `key:"send_buffer" unit:"bytes" range:"0..16777216"`
	// SO_RCVBUF of each connection. 0 leaves it to the system.
	ReceiveBuffer int `key:"receive_buffer" unit:"bytes" range:"0..16777216"`
	// Whether connections are read once a tick by one system call each, instead of by a goroutine each. Only plain sockets
	// are, on Linux; others have their goroutines either way.
	Polling bool `key:"polling"`
	// TLS, for all players' listeners: TCP in both dialects, and WebSocket.
	TLS TLS `key:"tls"`
	// Proxies in front of the players' listeners.
	Proxy Proxy `key:"proxy"`
	// Allows players' listeners without TLS on addresses other than loopback. They speak plain text: put a proxy that
	// speaks TLS in front of them, or know that everybody on the way can read and change what is said.
	InsecurePlaintext bool `key:"insecure_plaintext"`
}

// TLS configures TLS. Its files are read again when they change.
type TLS struct {
	// PEM file with the certificate, and behind it those that vouch for it. Empty is no TLS.
	CertFile string `key:"cert_file" range:"file"`
	// PEM file with its key, which nobody but the owner and his group may read.
	KeyFile string `key:"key_file" range:"file"`
}

// Proxy configures proxies.
type Proxy struct {
	// Networks of proxies that begin each connection with a PROXY header, version 1 or 2, as in 10.0.0.0/8 or 127.0.0.1/32.
	// It names the client, who counts in the limits per address. One of theirs without a header is closed; a header of
	// anybody else is garbage.
	Trusted []string `key:"trusted" range:"networks"`
}

// TCP configures the TCP listeners.
type TCP struct {
	// The classic dialect, which the tutorial's clients speak.
	Classic Listener `key:"classic"`
	// The native dialect, which our own clients speak.
	Native Listener `key:"native"`
}

// Auth configures who may play.
type Auth struct {
	// Who may play: everybody (guests), accounts with an access token alone (tokens), or both. auto is guests, and only as long
	// as all players' listeners are on loopback addresses. Clients of the classic dialect are guests.
	Mode string `key:"mode" range:"auto|guests|tokens|both"`
	// The access tokens of accounts, in the modes tokens and both: JSON Web Tokens that expire.
	Tokens Tokens `key:"tokens"`
	// For how long a player stays in the world whose connection was lost, so that its client can go on. Only clients of the
	// native dialect can. 0 is not at all.
	ResumeWindow time.Duration `key:"resume_window" range:"0s..10m"`
}

// Tokens configures which access tokens are accepted.
type Tokens struct {
	// How all of them are signed: with a secret that the server and whoever issues them share (HS256), or with a private key
	// of which the server has the public half.
	Algorithm string `key:"algorithm" range:"HS256|EdDSA|RS256"`
	// The file with the secret (at least 32 random bytes, which not everybody may read; aoiworld token --init writes one), or
	// with the public key (PEM, or a JSON Web Key Set). It is read anew when it changes.
	KeyFile string `key:"key_file" range:"file"`
	// Who must have issued a token: its claim iss.
	Issuer string `key:"issuer" range:"text"`
	// For whom a token must be: among its claim aud.
	Audience string `key:"audience" range:"text"`
}

// Listener configures a listener.
type Listener struct {
	// host:port to listen on; port 0 takes a free one. Empty turns the listener off.
	Address string `key:"address" range:"address"`
}

// WebSocket configures the WebSocket listener.
type WebSocket struct {
	// host:port to listen on; port 0 takes a free one. Empty turns the listener off.
	Address string `key:"address" range:"address"`
	// Path of the upgrade. Clients choose the native dialect by the subprotocol aoiworld.v1; without one they speak the
	// classic dialect.
	Path string `key:"path" range:"path"`
	// Pages of other hosts that may connect, as in https://example.org or example.org:8080. Pages of the server's own
	// host always may.
	AllowedOrigins []string `key:"allowed_origins" range:"origins"`
	// Whether the page to play on is to be had here, at /. It lets guests in, where guests may play.
	Page bool `key:"page"`
}

// Limits configures what a client may cost.
type Limits struct {
	// Largest message of a client. A larger one closes the connection, before anything is allocated for it.
	MaxPayload int `key:"max_payload" unit:"bytes" range:"64..65536"`
	// Connections at once, in all. 0 is as many as the process may have files open (ulimit -n), less 128, and it is never more
	// than that. The log says what is in effect.
	Connections int `key:"connections" unit:"connections" range:"0..1000000" live:"true"`
	// Connections at once from one address (IPv6: one /64). 0 is no limit.
	ConnectionsPerIP int `key:"connections_per_ip" unit:"connections" range:"0..1000000" live:"true"`
	// New connections a second from one address. 0 is no limit.
	NewConnectionsPerIP int `key:"new_connections_per_ip" unit:"connections/s" range:"0..1000000" live:"true"`
	// Whether loopback peers are exempt from the limits per address.
	ExemptLoopback bool `key:"exempt_loopback" live:"true"`
	// What a client may send in the long run. 0 is no limit.
	BytesPerSecond int `key:"bytes_per_second" unit:"bytes/s" range:"0..1000000000"`
	// What a client may send at once.
	ByteBurst int `key:"byte_burst" unit:"bytes" range:"1024..1000000000"`
	// Messages of one client that are no moves; more are refused. Of moves the last one of a tick counts, however many there are;
	// but ten times as many messages, moves among them, close the connection. 0 is no limit.
	MessagesPerSecond float64 `key:"messages_per_second" unit:"messages/s" range:"0..1000000" live:"true"`
	// Messages of one client that are no moves, at once.
	MessageBurst int `key:"message_burst" unit:"messages" range:"1..1000000" live:"true"`
	// Gestures of one client, which everybody near is shown; more are refused. 0 is no limit but messages_per_second.
	GesturesPerSecond float64 `key:"gestures_per_second" unit:"gestures/s" range:"0..1000" live:"true"`
	// Gestures of one client, at once.
	GestureBurst int `key:"gesture_burst" unit:"gestures" range:"1..1000" live:"true"`
	// Pings of one client in the native dialect that are answered; more are refused. 0 is no limit but messages_per_second.
	PingsPerSecond float64 `key:"pings_per_second" unit:"pings/s" range:"0..1000" live:"true"`
	// Pings of one client, at once.
	PingBurst int `key:"ping_burst" unit:"pings" range:"1..1000" live:"true"`
	// How long a message may take to arrive whole, from its first byte.
	FrameTimeout time.Duration `key:"frame_timeout" range:"1s..10m" live:"true"`
	// How long a client of the native dialect may take to say Hello.
	HelloTimeout time.Duration `key:"hello_timeout" range:"1s..1m" live:"true"`
	// After so much silence a client is pinged, over WebSocket or in the native dialect.
	PingInterval time.Duration `key:"ping_interval" range:"1s..10m" live:"true"`
	// After so much silence such a client is given up.
	DeadAfter time.Duration `key:"dead_after" range:"2s..1h" live:"true"`
	// After so much silence a TCP client of the classic dialect is given up. 0 is never: who stands still is silent, and the
	// dead are found by the kernel's keep-alive.
	IdleTimeout time.Duration `key:"idle_timeout" range:"0s..24h" live:"true"`
	// A client that has taken no whole frame for so long is closed.
	SlowConsumer time.Duration `key:"slow_consumer" range:"100ms..1m" live:"true"`
	// Largest frame, and what is kept for a client that has not taken one whole. Larger views come in pieces.
	MaxPending int `key:"max_pending" unit:"bytes" range:"4096..16777216"`
	// Chats of one client; more are dropped, and the third time within a minute it is muted for 30 s. 0 is no limit.
	ChatPerSecond float64 `key:"chat_per_second" unit:"chats/s" range:"0..1000" live:"true"`
	// Chats of one client, at once.
	ChatBurst int `key:"chat_burst" unit:"chats" range:"1..1000" live:"true"`
	// Longest chat.
	ChatMaxBytes int `key:"chat_max_bytes" unit:"bytes" range:"1..1024" live:"true"`
	// Messages with an unknown id that are forgiven. 0 is any number.
	UnknownPerMinute int `key:"unknown_messages_per_minute" unit:"1/min" range:"0..1000000" live:"true"`
	// Messages that cannot be parsed that are forgiven. 0 is any number.
	MalformedPerMinute int `key:"malformed_per_minute" unit:"1/min" range:"0..1000000" live:"true"`
	// Moves out of the map, or to no number, that are forgiven. 0 is any number.
	BadPositionsPerMinute int `key:"bad_positions_per_minute" unit:"1/min" range:"0..1000000" live:"true"`
	// Too fast moves that are forgiven. 0 is any number.
	RejectedMovesPerMinute int `key:"rejected_moves_per_minute" unit:"1/min" range:"0..1000000" live:"true"`
	// How long clients have to go when the server stops; then they are cut. 0 cuts them at once.
	ShutdownTimeout time.Duration `key:"shutdown_timeout" range:"0s..1m"`
	// Nobody new is let in while ticks take more than this part of the time from one to the next (that of tick_rate) on average,
	// until it is a fifth less. By 1.6 the tick rate has sunk to a half. Who plays goes on, and may resume. 0 is never.
	OverloadTickShare float64 `key:"overload_tick_share" unit:"of the time between ticks" range:"0..100"`
	// Nobody new is let in while the process uses nine tenths of this, until it is a fifth less. 0 is GOMEMLIMIT, or else
	// what the process's container may use, or else never.
	OverloadMemory int `key:"overload_memory" unit:"bytes" range:"0..1000000000000000"`
}

// Ops configures the operator's listener.
type Ops struct {
	// host:port of /healthz, /readyz, /metrics, /admin and /debug/pprof; port 0 takes a free one. Empty turns them off.
	Address string `key:"address" range:"address"`
	// Allows ops.address to be other than loopback, where anybody can read the metrics, and whoever listens on the way the
	// operator's token.
	InsecurePublic bool `key:"insecure_public"`
	// The file with the token that the operator's API asks for: at least 32 random bytes, which not everybody may read (aoiworld
	// admin init writes one). It is read anew at each request. Empty turns the API off.
	AdminTokenFile string `key:"admin_token_file" range:"file"`
	// Names of this machine by which the operator's API may be called, beside localhost and addresses. A page that somebody has
	// made a name of his own lead to is refused.
	AdminHosts []string `key:"admin_hosts" range:"hosts"`
	// Whether profiles of the process are to be had at /debug/pprof/, for whoever has the operator's token: what takes its time
	// and its memory, and what it waits for.
	Pprof bool `key:"pprof"`
	// With pprof, one wait of a goroutine is noted for each so much time that goroutines wait: 10us costs next to nothing, less
	// costs more. 0 is none.
	BlockProfileRate time.Duration `key:"block_profile_rate" range:"0s..1h" live:"true"`
	// With pprof, one in so many waits for a lock is noted: 100 costs next to nothing, 1 is all. 0 is none.
	MutexProfileFraction int `key:"mutex_profile_fraction" unit:"waits" range:"0..1000000" live:"true"`
	// Spans of logins and of the end, for an OpenTelemetry collector.
	Tracing Tracing `key:"tracing"`
}

// Tracing configures which spans are sent, and where.
type Tracing struct {
	// The URL of a collector that takes OTLP over HTTP, as in http://127.0.0.1:4318. Empty sends nothing. Where a
	// collector elsewhere asks for a token, send to one of your own that knows it.
	Endpoint string `key:"endpoint" range:"url"`
	// Which part of the logins is told of; 0 is none. How the server stops always is.
	SampleRatio float64 `key:"sample_ratio" unit:"of all" range:"0..1"`
}

// Moderation configures bans and mutes.
type Moderation struct {
	// The file that bans and mutes are kept in; it is written when there is the first. Empty is that they end with the
	// process, which the operator's API does not put up with.
	File string `key:"file" range:"file"`
}

// Log configures the log.
type Log struct {
	// The least level that is written.
	Level string `key:"level" range:"debug|info|warn|error" live:"true"`
	// text for people, json for machines, auto: text on a terminal.
	Format string `key:"format" range:"auto|text|json"`
}

// Default returns the tutorial's world, listening on loopback.
func Default() Config {
	return Config{
		World: World{
			Bounds: Bounds{MinX: 85, MaxX: 410, MinZ: 75, MaxZ: 400}, Columns: 10, Rows: 20, ViewRadius: 1,
			TickRate: 20, EarlyTick: true, MinInterval: time.Millisecond, MinTickRate: 5,
			Spawn: Bounds{MinX: 160, MaxX: 209, MinZ: 134, MaxZ: 183}, Movement: Movement{Mode: "off"},
			ChatRate: 20, Seed: 1, CheckEvery: time.Second,
		},
		Net: Net{
			TCP: TCP{
				Classic: Listener{Address: "127.0.0.1:8999"}, Native: Listener{Address: "127.0.0.1:9000"},
			},
			WS:         WebSocket{Address: "127.0.0.1:8080", Path: "/ws", AllowedOrigins: []string{}, Page: true},
			SendBuffer: 64 << 10, ReceiveBuffer: 64 << 10, Polling: true, Proxy: Proxy{Trusted: []string{}},
		},
		Auth: Auth{
			Mode: "auto", Tokens: Tokens{Algorithm: "HS256", Issuer: "aoiworld", Audience: "aoiworld"},
			ResumeWindow: 30 * time.Second,
		},
		Limits: defaultLimits(),
		Ops:    Ops{Address: "127.0.0.1:9090", AdminHosts: []string{}, Tracing: Tracing{SampleRatio: 0.1}},
		Log:    Log{Level: "info", Format: "auto"},
	}
}

// defaultLimits returns limits that are kind to players and not to floods.
func defaultLimits() Limits {
	return Limits{
		MaxPayload: 4096, Connections: 10_000, ConnectionsPerIP: 20, NewConnectionsPerIP: 10, ExemptLoopback: true,
		BytesPerSecond: 16 << 10, ByteBurst: 32 << 10, MessagesPerSecond: 30, MessageBurst: 60,
		GesturesPerSecond: 5, GestureBurst: 10, PingsPerSecond: 5, PingBurst: 10,
		FrameTimeout: 10 * time.Second, HelloTimeout: 5 * time.Second,
		PingInterval: 15 * time.Second, DeadAfter: 40 * time.Second, SlowConsumer: 5 * time.Second,
		MaxPending: 128 << 10, ChatPerSecond: 1, ChatBurst: 5, ChatMaxBytes: 256,
		UnknownPerMinute: 20, MalformedPerMinute: 5, BadPositionsPerMinute: 10, RejectedMovesPerMinute: 30,
		ShutdownTimeout: 10 * time.Second, OverloadTickShare: 1.6,
	}
}
