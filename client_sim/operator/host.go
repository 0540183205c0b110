package operator

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// HostOf returns the host of the first of several servers, each of host:port or a URL; nothing where there is none.
func HostOf(servers string) string {
	server, _, _ := strings.Cut(servers, ",")
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		return u.Hostname()
	}
	host, _, _ := net.SplitHostPort(server) // what is neither has no host
	return host
}

// OnThisMachine reports whether a host is reached by a loopback address.
func OnThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
