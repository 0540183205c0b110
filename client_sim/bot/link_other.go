//go:build !linux

package bot

// newTCPDialer returns the plain dialer: polling many sockets from one goroutine is done on Linux only.
func newTCPDialer(r *route) (dialer, error) { return streamDialer{r}, nil }
