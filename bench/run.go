package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aoiworld/bench/side"
	"aoiworld/client_sim/bot"
)

// run is one run of a contender.
type run struct {
	*bench
	contender contender
	program   *process
	length    time.Duration // of the measurement
	spare     time.Duration // for which the bots move longer than that
	addresses map[string]string
	ownAllocs float64 // of taking a sample
}

// play lets the clients in, measures while they move, and sums up.
func (r *run) play(ctx context.Context) (outcome, error) {
	var err error
	if r.addresses, err = r.program.ready(ctx); err != nil {
		return outcome{}, err
	}
	before, err := r.sample(ctx)
	if err != nil {
		return outcome{}, err
	}
	others, err := r.others(ctx)
	defer func() {
		for _, p := range others {
			_ = p.stop() // they have done their part
		}
	}()
	if err != nil {
		return outcome{}, err
	}
	if r.contender.traffic.still() {
		r.spare += collectTime
	}
	w, report, err := r.load(ctx, others)
	if err != nil {
		return outcome{}, err
	}
	found := r.sumUp(before, w, report)
	if r.contender.traffic.Malformed > 0 {
		notes, err := r.aftermath(ctx, before, others[len(others)-1])
		if err != nil {
			return outcome{}, err
		}
		found.notes = append(found.notes, notes...)
	}
	return found, nil
}

// others starts the clients beside the bots: who is idle, who will stop reading.
func (r *run) others(ctx context.Context) (all []*process, err error) {
	t := r.contender.traffic
	if t.Idle > 0 {
		idle := walkers(t.Idle)
		idle.MoveRate, idle.Transport, idle.TickRate = idleMoves, t.Transport, t.TickRate
		p, err := start(ctx, r.bots, r.botArgs(idle, t.Columns+gap, time.Hour)...)
		if err != nil {
			return all, err
		}
		all = append(all, p)
		if err := p.await(ctx, time.Minute, moving); err != nil {
			return all, err
		}
	}
	if t.Crowd > 0 {
		many := crowd(t.Crowd)
		p, err := start(ctx, r.bots, r.botArgs(many, t.Columns+gap, time.Hour)...)
		if err != nil {
			return all, err
		}
		all = append(all, p)
		if err := p.await(ctx, time.Minute, moving); err != nil {
			return all, err
		}
	}
	if t.Slow > 0 {
		p, err := start(ctx, r.self, "slow", "--server", r.addresses[side.KeyPlayers],
			"--clients", strconv.Itoa(t.Slow), "--pause", t.Pause.String())
		if err != nil {
			return all, err
		}
		all = append(all, p)
		if _, err := p.ready(ctx); err != nil {
			return all, err
		}
	}
	if t.Malformed > 0 {
		p, err := r.beset(ctx)
		if err != nil {
			return all, err
		}
		all = append(all, p)
		if _, err := p.ready(ctx); err != nil {
			return all, err
		}
	}
	return all, nil
}

// moving finds the line of progress that says that the bots move.
func moving(line string) bool { return strings.Contains(line, " moving ") }

// load lets bots move, and measures in the midst of it.
func (r *run) load(ctx context.Context, others []*process) (window, bot.Report, error) {
	name := filepath.Join(r.folder, "report.json")
	p, err := start(ctx, r.bots, append(r.botArgs(r.contender.traffic, 0, r.length+r.spare), "--json="+name)...)
	if err != nil {
		return window{}, bot.Report{}, err
	}
	defer func() { _ = p.stop() }() // it has ended, unless something failed
	if err := p.await(ctx, time.Minute, moving); err != nil {
		return window{}, bot.Report{}, err
	}
	w, err := r.window(ctx, others)
	if err != nil {
		return window{}, bot.Report{}, err
	}
	if r.contender.traffic.still() {
		_ = p.command.Process.Signal(syscall.SIGTERM) // everything is seen; it reports, and ends
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return window{}, bot.Report{}, ctx.Err()
	}
	report, err := readReport(name)
	if err != nil {
		return window{}, bot.Report{}, p.failed(err.Error())
	}
	return w, report, os.Remove(name)
}

// readReport reads what client_sim has found.
func readReport(name string) (report bot.Report, err error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return bot.Report{}, err
	}
	err = json.Unmarshal(b, &report)
	return report, err
}

// window measures for as long as it is to. Clients that are to stop reading, or to send malformed frames, are told now.
func (r *run) window(ctx context.Context, others []*process) (w window, err error) {
	first, err := r.sample(ctx)
	if err != nil {
		return window{}, err
	}
	if w.from, err = r.sample(ctx); err != nil {
		return window{}, err
	}
	r.ownAllocs = w.from.metrics[mallocsTotal] - first.metrics[mallocsTotal]
	if t := r.contender.traffic; t.Slow > 0 || t.Malformed > 0 {
		if _, err := fmt.Fprintln(others[len(others)-1].input); err != nil {
			return window{}, err
		}
	}
	end := w.from.at.Add(r.length)
	if r.contender.traffic.Slow > 0 {
		if w.held, err = r.heldFor(ctx, w.from); err != nil {
			return window{}, err
		}
	}
	if err := waitUntil(ctx, end); err != nil {
		return window{}, err
	}
	if w.to, err = r.sampleLast(ctx); err != nil {
		return window{}, err
	}
	w.after = w.to
	if r.contender.traffic.still() {
		w.after, err = r.collected(ctx, w.to)
	}
	return w, err
}

// heldAfter is how long after clients have stopped reading it is looked at what the server keeps for them.
const heldAfter = 3 * time.Second

// heldFor returns by how much the server's heap and stacks have grown for each client that does not read, in bytes.
func (r *run) heldFor(ctx context.Context, before sample) (bytes float64, err error) {
	if err := waitUntil(ctx, before.at.Add(heldAfter)); err != nil {
		return 0, err
	}
	then, err := r.sample(ctx)
	return (then.metrics.goMemory() - before.metrics.goMemory()) / float64(r.contender.traffic.Slow), err
}

// waitUntil waits, unless the context ends before.
func waitUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
