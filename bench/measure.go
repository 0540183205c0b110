package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"aoiworld/client_sim/bot"
)

// bench is what measures: programs, and how long and often.
type bench struct {
	server, bots, self string // programs
	folder             string // for reports
	seconds            float64
	softirqd           []int
}

// spare is how much longer the bots move than is measured: their first line may come a second late, and a sample takes time.
const spare = 2 * time.Second

// outcome is what one run of a contender found.
type outcome struct {
	values values
	notes  []string
	bytes  float64 // of a frame, as the floor is to send them

	machine bot.Machine
}

// measure runs a contender once. The floor is told how long frames are.
func (b *bench) measure(ctx context.Context, c contender, frameBytes float64) (outcome, error) {
	length := time.Duration(max(b.seconds, c.traffic.Seconds) * float64(time.Second))
	ctx, cancel := context.WithTimeout(ctx, length+3*time.Minute)
	defer cancel()
	p, err := start(ctx, b.program(c.program), serve(c, frameBytes)...)
	if err != nil {
		return outcome{}, err
	}
	r := &run{bench: b, contender: c, program: p, length: length, spare: spare}
	found, err := r.play(ctx)
	if stopped := p.stop(); err == nil {
		err = stopped
	}
	if err != nil {
		return outcome{}, fmt.Errorf("%s: %w", c.name, err)
	}
	return found, nil
}

// program returns what to start for a program's name.
func (b *bench) program(name string) string {
	if name == theServer {
		return b.server
	}
	return b.self
}

// serve returns how a program is started to be measured.
func serve(c contender, frameBytes float64) []string {
	t := c.traffic
	switch c.program {
	case theFloor:
		return []string{
			theFloor, "--tick-rate", number(t.TickRate), "--size", strconv.Itoa(max(8, int(frameBytes))),
			"--websocket=" + strconv.FormatBool(t.Transport == overWebSocket),
		}
	case theNaive:
		return []string{theNaive, "--columns", strconv.Itoa(t.Columns), "--rows", strconv.Itoa(t.Columns)}
	}
	columns, rows := t.world()
	settings := []string{
		"net.tcp.classic.address=127.0.0.1:0", "net.tcp.native.address=127.0.0.1:0", "net.ws.address=127.0.0.1:0",
		"ops.address=127.0.0.1:0", "log.format=json", "limits.connections=20000", "limits.shutdown_timeout=0s",
		"world.columns=" + strconv.Itoa(columns), "world.rows=" + strconv.Itoa(rows), "world.tick_rate=" + number(t.TickRate),
		"world.early_tick=" + strconv.FormatBool(t.Early),
	}
	for _, of := range []string{"bounds", "spawn"} {
		settings = append(settings,
			"world."+of+".min_x=0", "world."+of+".max_x="+number(float64(columns)*t.cell()),
			"world."+of+".min_z=0", "world."+of+".max_z="+number(float64(rows)*t.cell()))
	}
	if t.Budget > 0 {
		settings = append(settings, "world.frame_budget="+strconv.Itoa(t.Budget))
	} else if t.Budget == asLarge {
		settings = append(settings, "world.frame_budget="+strconv.Itoa(int(frameBytes)))
	}
	if t.Stalls > 0 {
		settings = append(settings, "net.send_buffer=8192") // so that whoever stops for seconds does fall behind
	}
	args := []string{"serve"}
	for _, s := range settings {
		args = append(args, "--set", s)
	}
	return args
}

// gap is how many columns lie between those who move and those who are idle: more than one sees.
const gap = 3

// world returns how many columns and rows the world has: a square for who moves, and beside it one for who is idle.
func (t traffic) world() (columns, rows int) {
	if t.Crowd > 0 {
		return t.Columns + gap + 1, t.Columns
	}
	if t.Idle == 0 {
		return t.Columns, t.Columns
	}
	idle := walkers(t.Idle).Columns
	return t.Columns + gap + idle, max(t.Columns, idle)
}

// number is a number on a command line.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
