package wire_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"aoiworld/net/wire"
)

// at returns a time so many milliseconds after an arbitrary one.
func at(milliseconds int) time.Time {
	return time.Unix(1_000_000, 0).Add(time.Duration(milliseconds) * time.Millisecond)
}

// visit is a connection from an address at a time (ms). It finds room or not; before it comes, an earlier one may leave.
type visit struct {
	at    int
	from  string
	want  error
	leave int // which visit ends first, 1 is the first; 0 is none
}

// Two clients.
const a, b = "203.0.113.1", "203.0.113.2"

// visits are what gates must do.
var visits = map[string]struct {
	cfg   wire.GateConfig
	steps []visit
}{
	"no limits": {wire.GateConfig{}, []visit{{0, a, nil, 0}, {0, a, nil, 0}, {0, a, nil, 0}}},
	"in all": {
		wire.GateConfig{MaxConnections: 2},
		[]visit{{0, a, nil, 0}, {0, b, nil, 0}, {0, a, wire.ErrServerFull, 0}, {0, a, nil, 2}},
	},
	"in all, loopback too": {
		wire.GateConfig{MaxConnections: 1},
		[]visit{{0, "127.0.0.1", nil, 0}, {0, "127.0.0.1", wire.ErrServerFull, 0}},
	},
	"one address": {
		wire.GateConfig{MaxPerAddress: 2},
		[]visit{{0, a, nil, 0}, {0, a, nil, 0}, {0, a, wire.ErrAddressFull, 0}, {0, b, nil, 0}, {0, a, nil, 1}},
	},
	"new ones": {
		wire.GateConfig{NewPerSecond: 2},
		[]visit{
			{0, a, nil, 0},
			{400, a, nil, 0},
			{500, a, wire.ErrAddressFast, 0},
			{500, b, nil, 0},
			{999, a, wire.ErrAddressFast, 0},
			{1000, a, nil, 0},
			{1001, a, nil, 0},
			{1002, a, wire.ErrAddressFast, 0},
		},
	},
	"new ones that left": {
		wire.GateConfig{NewPerSecond: 1},
		[]visit{{0, a, nil, 0}, {1, a, wire.ErrAddressFast, 1}},
	},
	"loopback": {
		wire.GateConfig{MaxPerAddress: 1, NewPerSecond: 1},
		[]visit{{0, "127.0.0.1", nil, 0}, {0, "127.0.0.1", nil, 0}, {0, "::1", nil, 0}, {0, "::ffff:127.0.0.9", nil, 0}},
	},
	"loopback limited": {
		wire.GateConfig{MaxPerAddress: 1, LimitLoopback: true},
		[]visit{{0, "127.0.0.1", nil, 0}, {0, "127.0.0.1", wire.ErrAddressFull, 0}, {0, "127.0.0.2", nil, 0}},
	},
	"a network of IPv6": {
		wire.GateConfig{MaxPerAddress: 1},
		[]visit{
			{0, "2001:db8:1:2::1", nil, 0},
			{0, "2001:db8:1:2:ffff::9", wire.ErrAddressFull, 0},
			{0, "2001:db8:1:3::1", nil, 0},
			{0, "fe80::1%eth0", nil, 0},
			{0, "fe80::2%eth1", wire.ErrAddressFull, 0},
		},
	},
	"IPv4 in IPv6": {
		wire.GateConfig{MaxPerAddress: 1},
		[]visit{{0, a, nil, 0}, {0, "::ffff:" + a, wire.ErrAddressFull, 0}, {0, "::ffff:" + b, nil, 0}},
	},
}

func TestGate(t *testing.T) {
	for name, test := range visits {
		t.Run(name, func(t *testing.T) {
			gate := wire.NewGate(test.cfg)
			var releases []func()
			for i, step := range test.steps {
				if step.leave > 0 {
					releases[step.leave-1]()
				}
				release, err := gate.Admit(netip.MustParseAddr(step.from), at(step.at))
				if !errors.Is(err, step.want) {
					t.Fatalf("step %d: %v, want %v", i+1, err, step.want)
				}
				releases = append(releases, release)
			}
		})
	}
}

// TestGateReleasesOnce: a connection that is closed twice leaves once.
func TestGateReleasesOnce(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxConnections: 5})
	address := netip.MustParseAddr("203.0.113.1")
	first, err := gate.Admit(address, at(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gate.Admit(address, at(0)); err != nil {
		t.Fatal(err)
	}
	first()
	first()
	if gate.Live() != 1 {
		t.Errorf("%d are live", gate.Live())
	}
}

func TestGateCountsRefusals(t *testing.T) {
	gate := wire.NewGate(wire.GateConfig{MaxConnections: 3, MaxPerAddress: 2, NewPerSecond: 1})
	for i, from := range []string{"203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4", "203.0.113.4"} {
		_, _ = gate.Admit(netip.MustParseAddr(from), at(i))
	}
	for refusal, want := range map[wire.Refusal]uint64{wire.ServerFull: 2, wire.AddressFull: 0, wire.AddressFast: 1} {
		if got := gate.Refused(refusal); got != want {
			t.Errorf("%s: %d, want %d", refusal, got, want)
		}
	}
	labels := map[string]bool{}
	for r := range wire.Refusals + 1 {
		labels[r.String()] = true
	}
	if len(labels) != int(wire.Refusals)+1 || labels[""] {
		t.Errorf("labels are not distinct: %v", labels)
	}
}

// TestNilGate: no gate is an open one.
func TestNilGate(t *testing.T) {
	var gate *wire.Gate
	release, err := gate.Admit(netip.Addr{}, at(0))
	if err != nil {
		t.Fatal(err)
	}
	release()
}
