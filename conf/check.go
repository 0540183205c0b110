package conf

import (
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTable bounds the grid's table of neighbourhoods, in entries of 4 bytes.
const maxTable = 1 << 25

// Check returns everything that is wrong with a configuration, as an *Error, or nil.
func (c *Config) Check() error {
	problems := &Error{}
	c.check(problems)
	return problems.result()
}

// check notes everything that is wrong.
func (c *Config) check(problems *Error) {
	for _, f := range fields(c) {
		if text := f.outOfRange(); text != "" {
			problems.add("%s: %s", f.path, text)
		}
	}
	c.World.check(problems)
	c.Limits.check(problems)
	c.checkListeners(problems)
}

// outOfRange says what is wrong with a value by its range, or returns the empty string.
func (f field) outOfRange() string {
	switch {
	case f.limits == "":
		return ""
	case f.limits == "address":
		return badAddress(f.value.String())
	case f.limits == "path":
		if p := f.value.String(); !strings.HasPrefix(p, "/") || strings.ContainsAny(p, " {}?#") {
			return fmt.Sprintf("want a path, as in /ws, got %q", p)
		}
		return ""
	case f.value.Kind() == reflect.String:
		if choices := strings.Split(f.limits, "|"); !slices.Contains(choices, f.value.String()) {
			return fmt.Sprintf("want one of %s, got %q", strings.Join(choices, ", "), f.value.String())
		}
		return ""
	}
	low, high, _ := strings.Cut(f.limits, "..")
	if value := number(f.value); !(value >= bound(low) && value <= bound(high)) {
		return fmt.Sprintf("want %s to %s, got %v", low, high, f.value)
	}
	return ""
}

// number returns a numeric value as a float; durations are nanoseconds.
func number(v reflect.Value) float64 {
	if v.CanInt() {
		return float64(v.Int())
	}
	return v.Float()
}

// bound returns an end of a range.
func bound(text string) float64 {
	if d, err := time.ParseDuration(text); err == nil && text != "0" {
		return float64(d)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err) // a test reads every range
	}
	return n
}

// badAddress says what is wrong with a listener's address, or returns the empty string.
func badAddress(address string) string {
	if address == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Sprintf("want host:port, as in 127.0.0.1:8999, got %q", address)
	}
	return ""
}

// check notes what is impossible about a world.
func (w *World) check(problems *Error) {
	b, s := w.Bounds, w.Spawn
	if !(b.MinX < b.MaxX) {
		problems.add("world.bounds.max_x: want more than min_x (%v), got %v", b.MinX, b.MaxX)
	}
	if !(b.MinZ < b.MaxZ) {
		problems.add("world.bounds.max_z: want more than min_z (%v), got %v", b.MinZ, b.MaxZ)
	}
	side := 2*w.ViewRadius + 1
	if cells := w.Columns * w.Rows; cells > 1<<20 || min(side, w.Columns)*min(side, w.Rows)*cells > maxTable {
		problems.add("world.columns: %d × %d cells with a view radius of %d are too many", w.Columns, w.Rows, w.ViewRadius)
	}
	if !(b.MinX <= s.MinX && s.MinX <= s.MaxX && s.MaxX <= b.MaxX) {
		problems.add("world.spawn: X %v to %v is not inside the bounds %v to %v", s.MinX, s.MaxX, b.MinX, b.MaxX)
	}
	if !(b.MinZ <= s.MinZ && s.MinZ <= s.MaxZ && s.MaxZ <= b.MaxZ) {
		problems.add("world.spawn: Z %v to %v is not inside the bounds %v to %v", s.MinZ, s.MaxZ, b.MinZ, b.MaxZ)
	}
	if w.Movement.Mode != "off" && w.Movement.MaxSpeed == 0 {
		problems.add("world.movement.max_speed: want more than 0 in mode %s", w.Movement.Mode)
	}
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
		{"net.tcp.classic.address", c.Net.TCP.Classic.Address, "net.insecure_plaintext", c.Net.InsecurePlaintext},
		{"net.ws.address", c.Net.WS.Address, "net.insecure_plaintext", c.Net.InsecurePlaintext},
		{"ops.address", c.Ops.Address, "ops.insecure_public", c.Ops.InsecurePublic},
	} {
		host, port, err := net.SplitHostPort(l.address)
		if err != nil {
			continue // off, or noted already
		}
		if !l.allowed && !loopback(host) {
			problems.add("%s: %s is not a loopback address; to listen there without TLS, set %s: true", l.key, l.address, l.escape)
		}
		if other, clash := taken[l.address]; clash && port != "0" {
			problems.add("%s: %s is taken by %s", l.key, l.address, other)
		}
		taken[l.address] = l.key
	}
}

// loopback reports whether only this machine can reach a host.
func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
