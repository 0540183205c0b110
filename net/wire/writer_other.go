//go:build !unix

package wire

import "syscall"

// rawWrites says that this system has no non-blocking sends.
const rawWrites = false

// newRawWriter is never called.
func newRawWriter(syscall.RawConn) Writer { return nil }
