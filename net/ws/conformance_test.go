package ws_test

import (
	"testing"

	"aoiworld/net/wire"
	"aoiworld/net/ws"
	"aoiworld/net/ws/wstest"
)

// TestConformance holds a server whose connections have a goroutine each to RFC 6455.
func TestConformance(t *testing.T) {
	wstest.Run(t, wstest.Reader{Connect: func(t *testing.T, use func(wstest.Session)) {
		var frames []byte
		collect := func(f *fixture, c wire.Conn) {
			f.take(c, func(frame wire.Frame) { frames = wire.AppendFrame(frames, frame.ID, frame.Payload) })
		}
		serveBy(t, ws.Config{}, collect, func(f *fixture) {
			use(wstest.Session{
				Client: connect(t, f),
				Result: func() ([]byte, error) { err := <-f.ended; return frames, err },
			})
		})
	}})
}
