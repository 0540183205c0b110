package wire

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Errors with which a Gate refuses a connection.
var (
	// ErrServerFull: the server holds as many connections as it may.
	ErrServerFull = errors.New("server is full")
	// ErrAddressFull: the peer's address holds as many connections as one may.
	ErrAddressFull = errors.New("too many connections from one address")
	// ErrAddressFast: the peer's address has opened too many connections within a second.
	ErrAddressFast = errors.New("too many new connections from one address")
)

// Refusal says why a connection was not admitted. The set is fixed: it labels metrics.
type Refusal uint8

// The refusals.
const (
	ServerFull Refusal = iota
	AddressFull
	AddressFast
	Refusals // how many there are
)

// refusals holds the error and the metric label of each refusal.
var refusals = [Refusals]struct {
	err   error
	label string
}{
	ServerFull:  {ErrServerFull, "server_full"},
	AddressFull: {ErrAddressFull, "address_full"},
	AddressFast: {ErrAddressFast, "address_fast"},
}

// String returns the refusal's metric label.
func (r Refusal) String() string {
	if r >= Refusals {
		return "?"
	}
	return refusals[r].label
}

// GateConfig bounds who is admitted. An address is an IPv4 address or an IPv6 network of 64 bits, which is the least that
// a subscriber is given. DefaultGateConfig returns the values that the comments name.
type GateConfig struct {
	// MaxConnections is how many connections live at once, all transports together, 10,000. 0 is any number.
	MaxConnections int
	// MaxPerAddress is how many of them may be from one address, 20. 0 is any number.
	MaxPerAddress int
	// NewPerSecond is how many are admitted from one address within a second, 10. 0 is any number.
	NewPerSecond int
	// LimitLoopback applies the two limits for one address to loopback addresses too. By default they are exempt: load
	// tests and proxies live there.
	LimitLoopback bool
}

// DefaultGateConfig returns the limits that the comments of GateConfig name.
func DefaultGateConfig() GateConfig {
	return GateConfig{MaxConnections: 10_000, MaxPerAddress: 20, NewPerSecond: 10}
}

// Gate decides who may connect, before anything is allocated for a connection. Anybody may call its methods. Its memory
// is bounded by the live connections and those admitted within the last second.
type Gate struct {
	refused [Refusals]atomic.Uint64

	mu     sync.Mutex
	cfg    GateConfig
	total  int
	live   map[netip.Prefix]int // addresses that hold connections
	fresh  map[netip.Prefix]int // those that have got one since second
	second time.Time            // when the current second began
}

// NewGate returns a gate that nobody has passed yet.
func NewGate(cfg GateConfig) *Gate {
	return &Gate{cfg: cfg, live: make(map[netip.Prefix]int), fresh: make(map[netip.Prefix]int)}
}

// Configure bounds who is admitted from now on. Who is connected stays.
func (g *Gate) Configure(cfg GateConfig) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cfg = cfg
}

// Admit lets a connection in, until release is called, which may happen more than once; or it returns ErrServerFull,
// ErrAddressFull or ErrAddressFast. A nil gate admits everybody.
func (g *Gate) Admit(peer netip.Addr, now time.Time) (release func(), err error) {
	if g == nil {
		return func() {}, nil
	}
	address := addressOf(peer)
	refusal := g.enter(address, peer.IsLoopback(), now)
	if refusal < Refusals {
		g.refused[refusal].Add(1)
		return nil, refusals[refusal].err
	}
	return sync.OnceFunc(func() { g.leave(address) }), nil
}

// Live returns how many connections are admitted now.
func (g *Gate) Live() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total
}

// Refused returns how many connections were refused for a reason so far.
func (g *Gate) Refused(r Refusal) uint64 { return g.refused[r].Load() }

// enter counts a connection, or says why not; Refusals means that it was counted.
func (g *Gate) enter(address netip.Prefix, loopback bool, now time.Time) Refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.second) >= time.Second {
		g.second, g.fresh = now, make(map[netip.Prefix]int)
	}
	switch {
	case reached(g.total, g.cfg.MaxConnections):
		return ServerFull
	case loopback && !g.cfg.LimitLoopback:
	case reached(g.live[address], g.cfg.MaxPerAddress):
		return AddressFull
	case reached(g.fresh[address], g.cfg.NewPerSecond):
		return AddressFast
	}
	g.total++
	g.live[address]++
	g.fresh[address]++
	return Refusals
}

// leave forgets a connection.
func (g *Gate) leave(address netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	g.live[address]--
	if g.live[address] == 0 {
		delete(g.live, address)
	}
}

// reached reports whether a count has come to its limit, where 0 is none.
func reached(count, limit int) bool { return limit > 0 && count >= limit }

// addressOf returns what is counted as one address. An invalid peer is one of its own.
func addressOf(peer netip.Addr) netip.Prefix {
	peer = peer.Unmap()
	bits := 64
	if peer.Is4() {
		bits = 32
	}
	prefix, err := peer.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}
