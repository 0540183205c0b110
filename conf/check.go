package conf

import (
	"math"
	"net"
	"net/netip"
	"strings"
)

// maxCells and maxTable bound the grid: its cells, and its table of neighbourhoods (entries of 4 bytes).
const (
	maxCells = 1 << 20
	maxTable = 1 << 25
)

// minFrameBudget is the least budget of a frame (bytes) but none: with less the far would hardly ever be told.
const minFrameBudget = 256

// Check returns everything that is wrong with a configuration, as an *Error, or nil.
func (c *Config) Check() error {
	problems := &Error{}
	c.check(problems)
	return problems.result()
}

// check notes everything that is wrong.
func (c *Config) check(problems *Error) {
	for _, f := range fields(c) {
		if f.section {
			continue
		}
		if text := f.outOfRange(); text != "" {
			problems.add("%s: %s", f.path, text)
		}
	}
	c.World.check(problems)
	c.Limits.check(problems)
	c.checkListeners(problems)
	c.checkAuth(problems)
	c.checkAdmin(problems)
	c.Net.TLS.check(problems)
}

// check notes what is impossible about a world.
func (w *World) check(problems *Error) {
	b, s := w.Bounds, w.Spawn
	axis{"x", b.MinX, b.MaxX, s.MinX, s.MaxX, "columns", w.Columns}.check(problems)
	axis{"z", b.MinZ, b.MaxZ, s.MinZ, s.MaxZ, "rows", w.Rows}.check(problems)
	side, cells := 2*w.ViewRadius+1, w.Columns*w.Rows
	if cells > maxCells || min(side, w.Columns)*min(side, w.Rows)*cells > maxTable {
		problems.add("world.columns: %d × %d cells with a view radius of %d are too many",
			w.Columns, w.Rows, w.ViewRadius)
	}
	if w.FrameBudget > 0 && w.FrameBudget < minFrameBudget {
		problems.add("world.frame_budget: want 0 or at least %d, got %d", minFrameBudget, w.FrameBudget)
	}
	w.checkQuantum(problems)
	if w.Movement.Mode != "off" && w.Movement.MaxSpeed == 0 {
		problems.add("world.movement.max_speed: want more than 0 in mode %s", w.Movement.Mode)
	}
}

// maxSteps is how many steps of the quantum a side of the world may have.
const maxSteps = 1<<30 - 1

// checkQuantum notes a quantum so small that positions are farther apart, or that there are too many of them.
func (w *World) checkQuantum(problems *Error) {
	b := w.Bounds
	least := max(
		step(max(math.Abs(b.MinX), math.Abs(b.MaxX), math.Abs(b.MinZ), math.Abs(b.MaxZ))),
		(b.MaxX-b.MinX)/maxSteps, (b.MaxZ-b.MinZ)/maxSteps,
	)
	if w.Quantum > 0 && w.Quantum <= least {
		problems.add("world.quantum: want more than %.2g in bounds like these, got %v", least, w.Quantum)
	}
}

// axis is what a world is along X or Z.
type axis struct {
	letter              string
	low, high           float64 // bounds
	spawnLow, spawnHigh float64
	cellsKey            string
	cells               int
}

// check notes what is impossible along an axis. Positions are 32-bit floats: where these are farther apart than a cell
// is wide, there are cells in which nobody can stand, and bounds with nothing between them.
func (a axis) check(problems *Error) {
	if !(a.low < a.high) {
		problems.add("world.bounds.max_%s: want more than min_%s (%v), got %v", a.letter, a.letter, a.low, a.high)
		return
	}
	if !(a.low <= a.spawnLow && a.spawnLow <= a.spawnHigh && a.spawnHigh <= a.high) {
		problems.add("world.spawn: %s %v to %v is not inside the bounds %v to %v",
			strings.ToUpper(a.letter), a.spawnLow, a.spawnHigh, a.low, a.high)
	}
	far := max(math.Abs(a.low), math.Abs(a.high))
	if width, least := (a.high-a.low)/float64(a.cells), step(far); a.cells > 0 && width < least {
		problems.add("world.%s: want fewer: cells are %.2g wide, but positions near %g are %.2g apart",
			a.cellsKey, width, far, least)
	}
}

// step returns how far apart the 32-bit floats beyond v are.
func step(v float64) float64 {
	f := float32(v)
	return float64(math.Nextafter32(f, float32(math.Inf(1)))) - float64(f)
}

// check notes limits that contradict each other.
func (l *Limits) check(problems *Error) {
	if l.DeadAfter <= l.PingInterval {
		problems.add("limits.dead_after: want more than ping_interval (%v), got %v", l.PingInterval, l.DeadAfter)
	}
	if l.BytesPerSecond > 0 && l.ByteBurst < l.MaxPayload {
		problems.add("limits.byte_burst: want at least max_payload (%d), got %d", l.MaxPayload, l.ByteBurst)
	}
}

// checkListeners notes listeners that would expose what should not be, or that have one port.
func (c *Config) checkListeners(problems *Error) {
	taken := map[string]string{}
	for _, l := range []struct {
		key, address, escape string
		allowed              bool
	}{
		{ClassicAddress, c.Net.TCP.Classic.Address, insecurePlaintext, c.Net.mayBePublic()},
		{NativeAddress, c.Net.TCP.Native.Address, insecurePlaintext, c.Net.mayBePublic()},
		{WebSocketAddress, c.Net.WS.Address, insecurePlaintext, c.Net.mayBePublic()},
		{OpsAddress, c.Ops.Address, "ops.insecure_public", c.Ops.InsecurePublic},
	} {
		host, port, err := net.SplitHostPort(l.address)
		if err != nil {
			continue // off, or noted already
		}
		if !l.allowed && !loopback(host) {
			problems.add("%s: %s is not a loopback address; to listen there without TLS, set %s: true",
				l.key, plain(l.address), l.escape)
		}
		if other, clash := taken[l.address]; clash && port != "0" {
			problems.add("%s: %s is taken by %s", l.key, l.address, other)
		}
		taken[l.address] = l.key
	}
}

// insecurePlaintext is the key that allows players' listeners in plain text everywhere.
const insecurePlaintext = "net.insecure_plaintext"

// mayBePublic reports whether players' listeners may be where others can reach them.
func (n *Net) mayBePublic() bool { return n.InsecurePlaintext || n.TLS.On() }

// loopback reports whether only this machine can reach a host.
func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
