package main

import (
	"math"
	"slices"
	"time"

	"aoiworld/client_sim/bot"
)

// Programs that are measured.
const (
	theServer = "server"
	theFloor  = "floor"
	theNaive  = "naive"
)

// Names of the client's choices.
const (
	overTCP       = "tcp"
	overWebSocket = "ws"
	classicBots   = "classic"
	nativeBots    = "native"
)

// cellUnits is the side of a cell, in world units: the world grows with the players, so that all walk alike.
const cellUnits = 10

// traffic is what a program is measured under.
type traffic struct {
	Bots      int     `json:"bots"`
	Columns   int     `json:"columns"` // of cells, and as many rows
	TickRate  float64 `json:"tickRate"`
	MoveRate  float64 `json:"moveRate"` // moves a second and bot
	Transport string  `json:"transport"`
	Dialect   string  `json:"dialect"`
	// Early lets ticks of the server come before they are due: it trades CPU for latency where the load is light.
	Early bool `json:"early,omitempty"`
	// Idle is how many connections more there are, out of the bots' sight, that do nothing.
	Idle int `json:"idle,omitempty"`
	// Slow is how many clients more there are that stop reading, for Pause or, when that is 0, for good.
	Slow  int           `json:"slow,omitempty"`
	Pause time.Duration `json:"pauseNanos,omitempty"`
	// Stalls is how many of the bots stop reading for 1 to 4 s, twice; then all views are held against the truth.
	Stalls int `json:"stalls,omitempty"`
	// Malformed is how many frames of each of forty kinds that are wrong others send meanwhile; Decent has them send as many
	// bytes of moves instead.
	Malformed int  `json:"malformed,omitempty"`
	Decent    bool `json:"decent,omitempty"`
	// Budget is how large the server's frames may be, in bytes; 0 is any, and asLarge as large as another contender's.
	Budget int `json:"budget,omitempty"`
	// Cell is the side of a cell in world units; 0 is ten.
	Cell float64 `json:"cellUnits,omitempty"`
	// Motion is how the bots go; empty is walk. Lookers is the part of them that time what they are shown; 0 is all.
	Motion  string  `json:"motion,omitempty"`
	Lookers float64 `json:"lookers,omitempty"`
	// Crowd is how many players more there are, far away and in one cell.
	Crowd int `json:"crowd,omitempty"`
	// Days is how many times everybody gathers in one place and leaves; then all views are held against the truth.
	Days int `json:"days,omitempty"`
	// Seconds is how long the measurement takes at least.
	Seconds float64 `json:"seconds,omitempty"`
}

// contender is a program and the traffic that it is measured under.
type contender struct {
	name, program string
	traffic       traffic
}

// ratio is what of one contender is held against that of another, pair by pair, and what is wanted of it.
type ratio struct {
	figure, of, to string
	wanted         string
}

// experiment is what is measured alternately.
type experiment struct {
	name, about string
	usual       bool // whether it is run when nothing is named
	contenders  []contender
	ratios      []ratio
}

// perCell is how many players a cell has, on average, where about 19 others are to be in view: nine cells of them, less
// oneself and what lies beyond the border.
const perCell = 2.22

// walkers is so many players who walk, each seeing about 19 others.
func walkers(bots int) traffic {
	return traffic{
		Bots: bots, Columns: int(math.Round(math.Sqrt(float64(bots) / perCell))),
		TickRate: 10, MoveRate: 10, Transport: overTCP, Dialect: classicBots,
	}
}

// at changes the tick rate, in Hz.
func (t traffic) at(tickRate float64) traffic {
	t.TickRate = tickRate
	return t
}

// early lets the server's ticks come early.
func (t traffic) early() traffic {
	t.Early = true
	return t
}

// over changes the transport.
func (t traffic) over(transport string) traffic {
	t.Transport = transport
	return t
}

// lasting changes how long the measurement takes at least.
func (t traffic) lasting(seconds float64) traffic {
	t.Seconds = seconds
	return t
}

// in changes how many columns and rows there are.
func (t traffic) in(columns int) traffic {
	t.Columns = columns
	return t
}

// experiments returns all that can be measured.
func experiments() []experiment {
	return slices.Concat(atTheFloor(), besideNaive(), underLoad(), connections(), crowds())
}

// atTheFloor are the experiments about what a frame costs.
func atTheFloor() []experiment {
	beside := func(name string, t traffic) experiment {
		return experiment{
			name: name, about: "what a frame costs beside the least that it can", usual: true,
			contenders: []contender{{theServer, theServer, t}, {theFloor, theFloor, t}},
			ratios:     []ratio{{cpuPerFrame, theServer, theFloor, "≤ 1.3"}},
		}
	}
	tcp, ws := walkers(2000), walkers(2000).over(overWebSocket)
	return []experiment{
		beside("floor-2000", tcp),
		beside("floor-5000", walkers(5000)),
		{
			name: "ws", about: "what a frame costs over WebSocket beside TCP", usual: true,
			contenders: []contender{{"tcp", theServer, tcp}, {"ws", theServer, ws}, {"floor-ws", theFloor, ws}},
			ratios:     []ratio{{cpuPerFrame, "ws", "tcp", "≤ 1.1"}, {cpuPerFrame, "ws", "floor-ws", "≤ 1.3"}},
		},
	}
}

// besideNaive are the experiments about updates beside the tutorial's method.
func besideNaive() []experiment {
	beside := func(name, wanted string, t traffic) experiment {
		return experiment{
			name: name, about: "updates per CPU-second beside the tutorial's method", usual: true,
			contenders: []contender{{theServer, theServer, t}, {theNaive, theNaive, t}, {"early", theServer, t.early()}},
			ratios:     []ratio{{updatesPerCPU, theServer, theNaive, wanted}, {updatesPerCPU, "early", theNaive, ""}},
		}
	}
	return []experiment{
		beside("naive-18", "≥ 10", walkers(500)),
		beside("naive-55", "≥ 30", walkers(200).in(5)),
	}
}

// underLoad are the experiments about many players, and about few.
func underLoad() []experiment {
	alone := func(name string, bots int, tickRate float64) contender {
		return contender{name, theServer, walkers(bots).at(tickRate)}
	}
	full := func(name string, bots int) contender {
		t := walkers(bots).at(18)
		t.Dialect, t.Motion, t.Lookers = nativeBots, bot.Patrol, 0.2
		return contender{name, theServer, t}
	}
	return []experiment{
		{
			name: "load", about: "latency and what is delivered with 3,000 to 5,000 players, at 18 Hz",
			contenders: []contender{full("3000", 3000), full("4000", 4000), full("5000", 5000)},
		},
		{
			name: "density", about: "what a player costs among 500 to 4,000, equally dense",
			contenders: []contender{
				alone("500", 500, 10), alone("1000", 1000, 10), alone("2000", 2000, 10), alone("4000", 4000, 10),
			},
			ratios: []ratio{
				{cpuPerPlayer, "500", "2000", "0.85–1.15"},
				{cpuPerPlayer, "1000", "2000", "0.85–1.15"},
				{cpuPerPlayer, "4000", "2000", "0.85–1.15"},
			},
		},
		{
			name: "light", about: "latency of 200 players at 20 Hz",
			contenders: []contender{
				{"early", theServer, walkers(200).at(20).early()}, {"when due", theServer, walkers(200).at(20)},
			},
		},
	}
}

// idleMoves is how often idle players move, in moves a second: the least that is no division by zero.
const idleMoves = 0.0001

// still reports whether nobody moves.
func (t traffic) still() bool { return t.MoveRate == idleMoves }

// connections are the experiments about connections that do nothing, and those that do not read.
func connections() []experiment {
	idle := walkers(10_000).at(20)
	idle.MoveRate = idleMoves
	active := walkers(1000).at(20)
	crowded := active
	crowded.Idle = 18_000
	honest := walkers(180).at(20).in(1).lasting(10) // in one cell, so that there is much to read
	pausing, stuck := honest, honest
	pausing.Slow, pausing.Pause = 20, 3*time.Second
	stuck.Slow = 20
	beset := walkers(500).at(20).lasting(90)
	beset.Malformed = 5000
	control := beset
	control.Decent = true
	exact := walkers(200).at(20).in(1).lasting(10)
	exact.Stalls, exact.MoveRate = 20, 20
	return []experiment{
		{
			name: "idle", about: "what 10,000 connections that do nothing cost",
			contenders: []contender{{"tcp", theServer, idle}, {"ws", theServer, idle.over(overWebSocket)}},
		},
		{
			name: "idle-active", about: "1,000 players who move, alone and beside 18,000 connections that do nothing",
			contenders: []contender{{"alone", theServer, active}, {"beside idle", theServer, crowded}},
			ratios:     []ratio{{latencyP99, "beside idle", "alone", ""}, {cpuPerFrame, "beside idle", "alone", ""}},
		},
		{
			name: "slow-readers", about: "180 players beside 20 who stop reading for 3 s, or for good; the former verified",
			contenders: []contender{
				{"control", theServer, honest},
				{"pause", theServer, pausing},
				{"for good", theServer, stuck},
				{"verified", theServer, exact},
			},
			ratios: []ratio{
				{latencyP99, "pause", "control", "< 1.2, or 5 ms"}, {latencyP99, "for good", "control", "< 1.2, or 5 ms"},
			},
		},
		{
			name: "malformed", about: "500 players beside 5,000 malformed frames of each of 40 kinds, or as many bytes of moves",
			contenders: []contender{{"control", theServer, control}, {"malformed", theServer, beset}},
			ratios:     []ratio{{latencyP99, "malformed", "control", "< 1.2, or 5 ms"}},
		},
	}
}

// choose returns the experiments of some names: the usual ones without a name, and every one as all.
func choose(names []string) (chosen []experiment, unknown []string) {
	all := experiments()
	if len(names) == 0 {
		return slices.DeleteFunc(all, func(e experiment) bool { return !e.usual }), nil
	}
	for _, name := range names {
		found := slices.DeleteFunc(slices.Clone(all), func(e experiment) bool { return name != "all" && e.name != name })
		chosen = append(chosen, found...)
		if len(found) == 0 {
			unknown = append(unknown, name)
		}
	}
	return chosen, unknown
}
