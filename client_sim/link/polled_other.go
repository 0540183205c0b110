//go:build !linux

package link

// New returns the portable dialer: polling many sockets from one goroutine is done on Linux only.
func New(cfg Config) (Dialer, error) { return Portable(cfg) }
