//go:build !unix

package wire

import "net"

// newRawWriter returns nil: there are no raw writes here.
func newRawWriter(net.Conn) TryWriter { return nil }
