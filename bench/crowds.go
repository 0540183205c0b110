package main

import (
	"fmt"

	"aoiworld/client_sim/bot"
)

const (
	// budget is how large a frame of a crowd may be: at 10 Hz, 256 kbit/s for each client.
	budget = 3200
	// asLarge is a budget: as large as the frames of the contender that was first are.
	asLarge = -1
	// square is the side of a cell with a crowd in it, in world units.
	square = 100
	// lookers is the part of the bots of a large crowd that time what they are shown.
	lookers = 0.05
)

// crowd is so many players who patrol one cell.
func crowd(bots int) traffic {
	return traffic{
		Bots: bots, Columns: 1, TickRate: 10, MoveRate: 10, Transport: overTCP, Dialect: nativeBots,
		Budget: budget, Cell: square, Motion: bot.Patrol, Lookers: lookers,
	}
}

// crowds are the experiments about many players in one place.
func crowds() []experiment {
	elsewhere := walkers(200)
	elsewhere.Dialect, elsewhere.Cell, elsewhere.Motion, elsewhere.Budget = nativeBots, square, bot.Patrol, budget
	beside := elsewhere
	beside.Crowd = 2000
	spread := crowd(2000).in(5)
	spread.Budget, spread.Lookers = 0, 0
	dense := crowd(2000)
	dense.Budget, dense.Lookers = asLarge, 0
	days := walkers(300).in(20)
	days.Dialect, days.Budget, days.Days, days.Seconds = nativeBots, 1000, 10, 190
	alone := func(name string, bots int) experiment {
		return experiment{
			name: name, about: fmt.Sprintf("%d players, evenly in one cell, 3,200 bytes a frame: 256 kbit/s each", bots),
			contenders: []contender{{theServer, theServer, crowd(bots).lasting(60)}},
		}
	}
	return []experiment{
		alone("crowd-5000", 5000),
		alone("crowd-10000", 10_000),
		{
			name: "crowd-elsewhere", about: "200 players spread out, alone and with a crowd of 2,000 far away",
			contenders: []contender{{"control", theServer, elsewhere}, {"beside a crowd", theServer, beside}},
			ratios:     []ratio{{latencyP99, "beside a crowd", "control", "< 1.2, or 5 ms"}},
		},
		{
			name:       "crowd-cost",
			about:      "what a player costs in a crowd of 2,000, beside 2,000 spread out whose frames are as large",
			contenders: []contender{{"spread", theServer, spread}, {"crowd", theServer, dense}},
			ratios: []ratio{
				{cpuPerPlayer, "crowd", "spread", "≤ 1.2"}, {bytesPerFrame, "crowd", "spread", "1"},
			},
		},
		{
			name:       "crowd-waves",
			about:      "300 players gather in one place and leave, ten times, within 1,000 bytes a frame; all verified",
			contenders: []contender{{theServer, theServer, days}},
		},
	}
}

// cell is the side of a cell, in world units.
func (t traffic) cell() float64 { return or(t.Cell, cellUnits) }

// areaFrom is the part of the world that begins at a column and is so many columns wide and deep, as flags have it.
func (t traffic) areaFrom(column, wide int) string {
	side := t.cell()
	return fmt.Sprintf("%v,%v,0,%v", float64(column)*side, float64(column+wide)*side, float64(wide)*side)
}

// crowdFlags are those of client_sim about crowds. Who speaks the native dialect is told how large the world is, so that all know
// the whole of it; column is where the part begins in which these bots live.
func (t traffic) crowdFlags(column int) (flags []string) {
	if t.Lookers > 0 && t.Dialect == nativeBots {
		flags = append(flags, "--lookers", number(t.Lookers))
	}
	if t.Crowd > 0 || column > 0 {
		flags = append(flags, "--area", t.areaFrom(column, t.Columns))
	}
	if t.Days > 0 {
		const shipped, players = 10, 300 // of the scenario
		middle := float64(t.Columns/2)*t.cell() + t.cell()/2
		flags = append(flags, "--scenario", "market-days", "--verify", "--speed", number(shipped/float64(t.Days)),
			"--scale", number(float64(t.Bots)/players), "--hotspot", fmt.Sprintf("%v,%v", middle, middle),
			"--radius", number(t.cell()/3))
	}
	return flags
}
