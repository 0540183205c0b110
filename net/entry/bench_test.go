package entry

import (
	"crypto/tls"
	"io"
	"net"
	"testing"

	"aoiworld/net/wire"
)

// crowd connects clients over loopback that read all that comes, with TLS or without, and returns what writes to them.
func crowd(b *testing.B, count int, under bool) (writers []wire.TryWriter) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	server, trusting := configs(b)
	for range count {
		below, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		side, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _, _ = below.Close(), side.Close() })
		client := below
		if under {
			client = tls.Client(below, trusting)
		}
		go func() { _, _ = io.Copy(io.Discard, client) }()
		if under {
			secured := secure(side, server, func() {})
			if err := secured.Handshake(); err != nil {
				b.Fatal(err)
			}
			side = secured
		}
		writers = append(writers, wire.NewTryWriter(side))
	}
	return writers
}

// BenchmarkTryWrite is a frame of 500 bytes to each of a thousand clients in turn, who read it: over loopback, so that
// their work counts too.
func BenchmarkTryWrite(b *testing.B) {
	for name, under := range map[string]bool{"plain": false, "tls": true} {
		b.Run(name, func(b *testing.B) {
			writers := crowd(b, 1000, under)
			frame := make([]byte, 500)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if n, err := writers[i%len(writers)].TryWrite(frame); n != len(frame) || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}
