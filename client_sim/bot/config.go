package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aoiworld/client_sim/link"
	"aoiworld/net/native"
)

// Transports by name.
const (
	TCP       = "tcp"
	WebSocket = "ws"
)

// Dialects by name.
const (
	Native  = "native"
	Classic = "classic"
	Both    = "both" // the bots speak native and classic in turn
)

// Forms of the native dialect by name.
const (
	BitsForm    = "bits"
	ColumnsForm = "columns"
)

// Motions by name.
const (
	Walk    = "walk"    // random steps inside the world
	Cross   = "cross"   // to and fro over borders and corners of cells
	Still   = "still"   // the same spot; only the heading changes
	Patrol  = "patrol"  // straight ahead for seconds at 3 to 7 world units a second, with turns, up hill and down
	Hotspot = "hotspot" // to one place in the world, and about in it: a crowd
)

// Homes by name.
const (
	Anywhere = "anywhere" // in the world, and there at once
	AtSpawn  = "spawn"    // where the server puts a bot
)

// ErrConfig is wrapped by every error that says why a Config describes no run.
var ErrConfig = errors.New("impossible run")

// Config describes a run. Defaults returns one that is ready to use against a local server.
type Config struct {
	// Server is host:port, tls://host:port, or a ws:// or wss:// URL; or several, separated by commas, to which the bots
	// connect in turn.
	Server string
	// CAFile is a PEM file with the authorities that may vouch for servers under TLS; empty are the system's.
	CAFile string
	// InsecureSkipVerify lets anybody be the server.
	InsecureSkipVerify bool
	// Sources are the addresses from which they connect, in turn: alone, or as ranges (127.0.0.2-127.0.0.9). None leaves it
	// to the system, which has about 28,000 ports for each address.
	Sources []string
	// ClassicServer is where the bots of the classic dialect connect when the others speak the native one over TCP.
	ClassicServer string
	// Transport is TCP or WebSocket.
	Transport string
	// Dialect is Native, Classic or Both, Form how those of the native dialect are told of moves: BitsForm or ColumnsForm.
	Dialect string
	Form    string
	// Bots is how many play, ≥ 1.
	Bots int
	// Rate is moves a second and bot, > 0.
	Rate float64
	// Step is world units: the length of a step of Walk and Hotspot, and the largest distance from the border of Cross;
	// only Walk may have 0. Patrol has a speed of its own.
	Step float64
	// Motion is Walk, Cross, Still, Patrol or Hotspot.
	Motion string
	// Hotspot is the X and Z of where a crowd gathers; empty, the middle of the world. Radius is how far from there it mills
	// about, in world units, ≥ 0.
	Hotspot []float64
	Radius  float64
	// Area, unless empty, is the minX, maxX, minZ and maxZ of the part of the world in which bots live: where their homes are,
	// and which walk, patrol and hotspot do not leave.
	Area []float64
	// Home is where bots begin: Anywhere or AtSpawn. A server that bounds speed refuses a jump; native bots, which it tells so,
	// stay where they are put then.
	Home string
	// Lookers is the part of the bots that time what they are shown, > 0 to 1. The others read, count and take part like them.
	// Verify and games want 1: everybody has a view of its own then.
	Lookers float64
	// Think is for how long bots pause, on average, between times of moving that are as long. 0 is never.
	Think time.Duration
	// ChatShare is the part of the bots that chat beside moving, 0 to 1, ChatRate how often each does, a second. What the
	// server does not pass on, for its limits, is told in the report and is no violation.
	ChatShare, ChatRate float64
	// Ramp is for how long bots come in before the load is measured, while those who are there move already. 0 is as fast
	// as ConnectRate allows, and nobody moves before all are there.
	Ramp time.Duration
	// Phases, unless empty, are played one after another, instead of the one that Bots, Duration, Motion, Rate, Step, Churn,
	// Think, ChatShare and ChatRate describe.
	Phases []Phase
	// Duration is how long the bots move in all, > 0.
	Duration time.Duration
	// Seed decides homes, steps, and who leaves and talks. Equal seeds move alike.
	Seed uint64
	// TickRate is the server's, in Hz: it says what "within two ticks" means.
	TickRate float64
	// World is the server's geometry.
	World World
	// Verify stops the bots after each round and compares everybody's view with the truth. It wants a world of its own:
	// a player that is none of these bots is a violation. Each round a few bots talk, and all must hear them, unless
	// ChatShare lets bots chat anyway.
	Verify bool
	// Tokens, unless empty, are access tokens, each of another account: every bot logs in with one that no other has. There are
	// to be as many as there are ever bots, which speak the native dialect.
	Tokens []string
	// Guests lets players who are none of these bots come in all the same, without an interest in what they do.
	Guests bool
	// Churn is how many bots leave, and as many newcomers join, in the middle of each round. 0 to Bots.
	Churn int
	// Cuts is how many bots lose their connection in each round, and resume; those of the native dialect can. Stalls is how
	// many stop reading in each round, for 1 to 4 s. Each 0 to Bots.
	Cuts, Stalls int
	// Regrids is how often in each round the world is cut into other cells while the bots move, by Regrid, which asks the
	// server's operator. In the end it is cut as it was.
	Regrids int
	Regrid  func(ctx context.Context, columns, rows int) error
	// Round is how long the bots move before they are stopped or churned. > 0.
	Round time.Duration
	// Settle is how long views may take to agree with the truth at a quiet point. It is waited for only while they do
	// not. 0 is 5 s or 20 ticks, whichever is longer.
	Settle time.Duration
	// ConnectRate is joins a second, > 0: a server may limit them.
	ConnectRate float64
	// JoinTimeout is how long connecting and being welcomed may take, > 0.
	JoinTimeout time.Duration
	// Alone says that the process has nothing to do beside this run: who moves bots, and who reads for them, may keep a
	// processor of Go's scheduler each while they wait, and be served before others.
	Alone bool
	// Player, unless nil, makes what a bot does in a game of one's own; number is the bot's, from 1 upwards.
	Player func(number int) Player
	// Judge, unless nil, says what is wrong in a game of one's own at a quiet point under Verify, given all bots as the
	// server shows them to themselves. Each text is a violation.
	Judge func(all []Other) []string
	// Goals is what the run must reach to be a good one.
	Goals Goals
	// Probe, unless nil, asks the server how it does.
	Probe Probe
	// OnStatus is called about once a second from a goroutine of its own. May be nil.
	OnStatus func(Status)
}

// Where local servers listen by default.
const (
	NativeServer    = "127.0.0.1:9000"
	ClassicServer   = "127.0.0.1:8999"
	WebSocketServer = "127.0.0.1:8080"
)

// Defaults returns 200 bots that walk for 10 s in the tutorial's world, seen by a local server with its default ports.
func Defaults() Config {
	return Config{
		Server: NativeServer,

		ClassicServer: ClassicServer,

		Transport:   TCP,
		Dialect:     Native,
		Form:        BitsForm,
		Bots:        200,
		Rate:        10,
		Step:        0.5,
		Motion:      Walk,
		Home:        Anywhere,
		Radius:      10,
		Lookers:     1,
		ChatRate:    0.5,
		Duration:    10 * time.Second,
		Seed:        1,
		TickRate:    20,
		World:       World{MinX: 85, MaxX: 410, MinZ: 75, MaxZ: 400, Columns: 10, Rows: 20, Radius: 1, Quantum: 0.01},
		Round:       3 * time.Second,
		ConnectRate: 500,
		JoinTimeout: 10 * time.Second,
	}
}

// Check returns everything that is impossible about the configuration; each error wraps ErrConfig.
func (c Config) Check() error {
	var errs []error
	require := func(ok bool, format string, values ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrConfig}, values...)...))
		}
	}
	require(len(c.links(Native).Servers) > 0, "no server")
	require(c.Transport == TCP || c.Transport == WebSocket, "transport %q is neither tcp nor ws", c.Transport)
	require(c.Dialect == Native || c.Dialect == Classic || c.Dialect == Both,
		"dialect %q is neither native, classic nor both", c.Dialect)
	require(c.Home == Anywhere || c.Home == AtSpawn, "home %q is neither anywhere nor spawn", c.Home)
	require(c.Form == BitsForm || c.Form == ColumnsForm, "form %q is neither bits nor columns", c.Form)
	require(c.Dialect != Both || c.Transport != TCP || c.ClassicServer != "", "no server for the bots of the classic dialect")
	require(c.Cuts >= 0 && (c.Cuts <= c.Bots || c.Bots < 1), "%d cuts among %d bots", c.Cuts, c.Bots)
	require(c.Cuts == 0 || c.Dialect == Native, "only bots of the native dialect resume when they are cut")
	require(c.Stalls >= 0 && (c.Stalls <= c.Bots || c.Bots < 1), "%d stalls among %d bots", c.Stalls, c.Bots)
	require(c.Regrids >= 0, "the world cut anew %d times", c.Regrids)
	require(c.Regrids == 0 || c.Regrid != nil, "nobody to cut the world anew")
	for _, p := range c.phases() {
		if len(c.Phases) == 0 {
			p.Name = "" // whoever gave no phases need not hear of one
		}
		p.check(require)
	}
	require(c.Lookers > 0 && c.Lookers <= 1, "a part of %v that looks", c.Lookers)
	require(c.Lookers == 1 || c.looksOn() && c.Dialect == Native, "all bots look that verify, play a game, or speak classic")
	require(len(c.Tokens) == 0 || c.Dialect == Native, "only bots of the native dialect log in with tokens")
	require(len(c.Tokens) == 0 || len(c.Tokens) >= c.most(), "%d tokens for %d bots", len(c.Tokens), c.most())
	c.checkArea(require)
	require(len(c.Hotspot) == 0 || len(c.Hotspot) == 2, "a hotspot of %d numbers", len(c.Hotspot))
	require(c.Radius >= 0, "a radius of %v units", c.Radius)
	require(c.Ramp >= 0, "a ramp of %v", c.Ramp)
	require(c.Round > 0, "rounds of %v", c.Round)
	require(c.TickRate > 0, "tick rate %v", c.TickRate)
	require(c.ConnectRate > 0, "%v joins a second", c.ConnectRate)
	require(c.JoinTimeout > 0, "join timeout %v", c.JoinTimeout)
	require(c.Goals.MaxP99 >= 0 && c.Goals.MaxViolations >= 0, "goals below 0")
	require(c.Goals.MinDelivered >= 0 && c.Goals.MinDelivered <= 1, "a part of %v to be delivered", c.Goals.MinDelivered)
	require(c.Settle >= 0, "settle time %v", c.Settle)
	require(c.Transport != TCP || !NamesWebSocket(c.Server), "%s is no address for TCP", c.Server)
	_, err := link.ParseSources(c.Sources)
	require(err == nil, "%w", err)
	_, err = link.Authorities(c.CAFile)
	require(err == nil, "%w", err)
	return errors.Join(append(errs, c.World.check())...)
}

// NamesWebSocket reports whether a URL among servers is not one of TCP under TLS.
func NamesWebSocket(servers string) bool {
	return strings.Contains(strings.ReplaceAll(servers, link.SchemeTLS, ""), "://")
}

// looksOn reports whether bots need no view of their own: nothing is asked of them but to count what reaches them.
func (c *Config) looksOn() bool { return !c.Verify && c.Player == nil }

// looks reports whether a bot times what it is shown: of any hundred bots, the same part does.
func (c *Config) looks(number int) bool { return c.Lookers >= 1 || among(number, c.Lookers) }

// area is the part of the world in which bots live.
func (c *Config) area() World {
	w := c.World
	if len(c.Area) == 4 {
		w.MinX, w.MaxX, w.MinZ, w.MaxZ = c.Area[0], c.Area[1], c.Area[2], c.Area[3]
	}
	return w
}

// checkArea tells require what is wrong with the part of the world in which bots live.
func (c *Config) checkArea(require func(bool, string, ...any)) {
	a, w := c.area(), c.World
	require(len(c.Area) == 0 || len(c.Area) == 4, "an area of %d numbers", len(c.Area))
	require(a.MinX < a.MaxX && a.MinZ < a.MaxZ && a.MinX >= w.MinX && a.MaxX <= w.MaxX && a.MinZ >= w.MinZ && a.MaxZ <= w.MaxZ,
		"an area of %v within a world of %v..%v × %v..%v", c.Area, w.MinX, w.MaxX, w.MinZ, w.MaxZ)
	for _, p := range c.phases() {
		require(len(c.Area) == 0 || p.Motion != Cross, "cross knows no area but the world")
	}
}

// form is how bots of the native dialect are told of moves, or empty when there are none.
func (c *Config) form() string {
	if c.Dialect == Classic {
		return ""
	}
	return c.Form
}

// tick is the length of a tick.
func (c Config) tick() time.Duration { return time.Duration(float64(time.Second) / c.TickRate) }

// inTime is how old a move may be when it, or a later one, reaches a viewer: two ticks.
func (c Config) inTime() time.Duration { return 2 * c.tick() }

// settle is how long views may take to agree with the truth.
func (c Config) settle() time.Duration {
	if c.Settle > 0 {
		return c.Settle
	}
	return max(5*time.Second, 20*c.tick())
}

// links returns how the bots of a dialect are connected: a server that is no URL is one of Transport.
func (c Config) links(dialect string) link.Config {
	servers := c.Server
	cfg := link.Config{
		Sources: c.Sources, Timeout: c.JoinTimeout, CAFile: c.CAFile, InsecureSkipVerify: c.InsecureSkipVerify, Alone: c.Alone,
	}
	if dialect == Native {
		cfg.Subprotocol = native.Subprotocol
	} else if c.Dialect == Both && c.Transport == TCP {
		servers = c.ClassicServer
	}
	for server := range strings.SplitSeq(servers, ",") {
		server = strings.TrimSpace(server)
		if c.Transport == WebSocket && server != "" && !strings.Contains(server, "://") {
			server = "ws://" + server + "/ws"
		}
		if server != "" {
			cfg.Servers = append(cfg.Servers, server)
		}
	}
	return cfg
}
