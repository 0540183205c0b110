package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
)

// ErrSource is wrapped by every error that says why a source is none.
var ErrSource = errors.New("not a source")

// route says from where to where the next connection goes.
type route struct {
	servers []string
	sources []netip.Addr // none: the system chooses
	turn    atomic.Uint32
}

// newRoute returns the way to a configuration's servers.
func newRoute(cfg Config) (*route, error) {
	sources, err := ParseSources(cfg.Sources)
	return &route{servers: cfg.Servers, sources: sources}, err
}

// next returns the server of the next connection, and what dials it. In the end each source has gone to each server.
func (r *route) next() (server string, dial *net.Dialer) {
	turn := int(r.turn.Add(1) - 1)
	round, place := turn/len(r.servers), turn%len(r.servers)
	dial = &net.Dialer{}
	if n := len(r.sources); n > 0 {
		dial.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(r.sources[(round+place)%n], 0))
	}
	return r.servers[place], dial
}

// maxSources bounds how many addresses a list may have.
const maxSources = 1 << 16

// ParseSources returns the addresses that texts name, alone or as ranges. The error wraps ErrSource.
func ParseSources(texts []string) (all []netip.Addr, err error) {
	for _, text := range texts {
		first, last, isRange := strings.Cut(text, "-")
		if !isRange {
			last = first
		}
		from, wrong := netip.ParseAddr(strings.TrimSpace(first))
		to, wrongToo := netip.ParseAddr(strings.TrimSpace(last))
		if wrong != nil || wrongToo != nil || to.Less(from) || from.Is4() != to.Is4() {
			return nil, fmt.Errorf("%w: %q is no address, nor a range of them as in 127.0.0.2-127.0.0.9", ErrSource, text)
		}
		for ; !to.Less(from); from = from.Next() {
			if all = append(all, from); len(all) > maxSources {
				return nil, fmt.Errorf("%w: more than %d addresses", ErrSource, maxSources)
			}
		}
	}
	return all, nil
}
