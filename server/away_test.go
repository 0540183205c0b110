package server

import (
	"context"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	native "aoiworld/client"
	"aoiworld/conf"
)

// closable is a client's WebSocket, which can be closed by a code.
type closable struct{ *websocket.Conn }

func (c closable) Read() ([]byte, error) {
	_, b, err := c.ReadMessage()
	return b, err
}

func (c closable) Write(frame []byte) error { return c.WriteMessage(websocket.BinaryMessage, frame) }

// TestGoingAway: whose page is loaded anew, or who says by a code of his own that he means to come back, goes on as the same
// player; who closes in good order has left.
func TestGoingAway(t *testing.T) {
	s := start(t)
	for code, want := range map[int]native.EventKind{
		websocket.CloseNormalClosure: native.Connected, websocket.CloseNoStatusReceived: native.Connected,
		websocket.CloseGoingAway: native.Resumed, 3000: native.Resumed, 4000: native.Resumed,
	} {
		dialed := make(chan closable, 10)
		came := make(chan native.EventKind, 10)
		c, err := native.Dial(t.Context(), native.Config{
			Retry: time.Millisecond,
			Dial: func(ctx context.Context) (native.Conn, error) {
				d := websocket.Dialer{Subprotocols: []string{"aoiworld.v1"}}
				conn, _, err := d.DialContext(ctx, "ws://"+s.Addresses()[conf.WebSocketAddress].String()+"/ws", nil)
				if err != nil {
					return nil, err
				}
				dialed <- closable{conn}
				return closable{conn}, nil
			},
			Events: func(e native.Event) {
				if e.Kind == native.Connected || e.Kind == native.Resumed {
					came <- e.Kind
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		<-came
		if err := (<-dialed).WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(code, "")); err != nil {
			t.Fatal(err)
		}
		if got := <-came; got != want {
			t.Errorf("after a close with %d it is let in as %d, want %d", code, got, want)
		}
		c.Close()
	}
}
