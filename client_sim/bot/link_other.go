//go:build !linux

package bot

// newTCPDialer returns the plain dialer: polling many sockets from one goroutine is done on Linux only.
func newTCPDialer(address string) (dialer, error) { return streamDialer{address}, nil }
