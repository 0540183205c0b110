package wire

import (
	"net/netip"
	"testing"
	"time"
)

// TestGateForgets: addresses that have gone are not remembered beyond their second, however many there were.
func TestGateForgets(t *testing.T) {
	gate := NewGate(GateConfig{MaxPerAddress: 2, NewPerSecond: 2})
	now := time.Unix(1_000_000, 0)
	for i := range 10_000 {
		release, err := gate.Admit(netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), now)
		if err != nil {
			t.Fatal(err)
		}
		release()
		now = now.Add(10 * time.Millisecond)
	}
	if len(gate.live) != 0 || len(gate.fresh) > 101 {
		t.Errorf("%d live and %d fresh addresses are kept", len(gate.live), len(gate.fresh))
	}
}
