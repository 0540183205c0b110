package bot

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
)

// route says from where to where the next connection goes: servers and sources take turns.
type route struct {
	servers []string
	sources []netip.Addr // none: the system chooses
	turn    atomic.Uint32
}

// next returns the server of the next connection, and what dials it.
func (r *route) next() (server string, dial *net.Dialer) {
	turn := int(r.turn.Add(1) - 1)
	dial = &net.Dialer{}
	if n := len(r.sources); n > 0 {
		dial.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(r.sources[turn%n], 0))
	}
	return r.servers[turn%len(r.servers)], dial
}

// maxSources bounds how many addresses a range may have.
const maxSources = 1 << 16

// sources returns the addresses that a configuration names, alone or as ranges.
func (c *Config) sources() (all []netip.Addr, err error) {
	for _, text := range c.Sources {
		first, last, isRange := strings.Cut(text, "-")
		if !isRange {
			last = first
		}
		from, wrong := netip.ParseAddr(strings.TrimSpace(first))
		to, wrongToo := netip.ParseAddr(strings.TrimSpace(last))
		if wrong != nil || wrongToo != nil || to.Less(from) || from.Is4() != to.Is4() {
			return nil, fmt.Errorf("%w: source %q is no address, nor a range of them as in 127.0.0.2-127.0.0.9", ErrConfig, text)
		}
		for ; !to.Less(from); from = from.Next() {
			if all = append(all, from); len(all) > maxSources {
				return nil, fmt.Errorf("%w: more than %d sources", ErrConfig, maxSources)
			}
		}
	}
	return all, nil
}

// servers returns the addresses that a configuration names, separated by commas.
func (c *Config) servers() (all []string) {
	for server := range strings.SplitSeq(c.Server, ",") {
		if server = strings.TrimSpace(server); server != "" {
			all = append(all, server)
		}
	}
	return all
}

// route returns the way to a configuration's servers; for WebSocket they are URLs.
func (c *Config) route() (*route, error) {
	sources, err := c.sources()
	if err != nil {
		return nil, err
	}
	r := &route{sources: sources}
	for _, server := range c.servers() {
		if c.Transport == WebSocket && !strings.Contains(server, "://") {
			server = "ws://" + server + "/ws"
		}
		r.servers = append(r.servers, server)
	}
	return r, nil
}
