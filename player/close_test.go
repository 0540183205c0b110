package player

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"aoiworld/net/codes"
	"aoiworld/net/wire"
)

func TestCloseTableIsComplete(t *testing.T) {
	seen := map[uint16]CloseReason{}
	for r := PeerLeft; r < CloseReasons; r++ {
		if r.Code() == 0 || r.String() == "" || r.Text() == "" {
			t.Errorf("reason %d has the row %+v", r, r.row())
		}
		if other, taken := seen[r.Code()]; taken {
			t.Errorf("%v and %v share the code %d", r, other, r.Code())
		}
		if seen[r.Code()] = r; r.Code() == 1006 && !r.silent() {
			t.Errorf("%v: 1006 must never be sent", r)
		}
	}
	if len(seen) != len(codes.Closes()) {
		t.Errorf("%d reasons, %d rows in the table of closes", len(seen), len(codes.Closes()))
	}
	if Open.Code() != 0 || Open.String() != "" || Open.Text() != "" || Open.Final() {
		t.Error("Open is in the table")
	}
	if beyond := CloseReasons; beyond.Code() != 0 || beyond.String() != "" {
		t.Error("a reason that is none has a row")
	}
}

func TestCloseCodes(t *testing.T) {
	for reason, want := range map[CloseReason]string{
		Goodbye: "1000", ProtocolError: "1002", TextMessage: "1003", TooLarge: "1009", Shutdown: "4001",
		SlowConsumer: "4002", Internal: "4003", Heartbeat: "4006", FrameTimeout: "4007",
		TooManyConnections: "4008", Flood: "4009", Kicked: "4503", ProtocolAbuse: "4504", Banned: "4505", MoveAbuse: "4507",
		PeerLeft:        "1006",
		Unauthenticated: "4501", HelloTimeout: "4502", Replaced: "4506", WrongVersion: "4508",
	} {
		if got := reason.Label(); got != want {
			t.Errorf("%v has the code %s, want %s", reason, got, want)
		}
	}
}

func TestReasonOfNextError(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("reading: %w", err) }
	for _, c := range []struct {
		err       error
		transport wire.Transport
		want      CloseReason
	}{
		{wire.ErrTooLarge, wire.TCP, TooLarge},
		{wrap(wire.ErrTooLarge), wire.WebSocket, TooLarge},
		{wrap(wire.ErrFlood), wire.TCP, Flood},
		{wrap(wire.ErrText), wire.WebSocket, TextMessage},
		{wrap(wire.ErrProtocol), wire.WebSocket, ProtocolError},
		{wrap(wire.ErrTruncated), wire.WebSocket, ProtocolAbuse},
		{wrap(wire.ErrTruncated), wire.TCP, PeerLeft},
		{wire.ErrClosed, wire.TCP, Shutdown},
		{io.EOF, wire.TCP, PeerLeft},
		{wrap(io.EOF), wire.WebSocket, Goodbye},
		{errors.Join(io.EOF, wire.ErrAway), wire.WebSocket, PeerLeft},
		{wrap(fmt.Errorf("%w: %w", wire.ErrTruncated, io.EOF)), wire.TCP, PeerLeft},
		{wrap(io.ErrUnexpectedEOF), wire.WebSocket, PeerLeft},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, wire.TCP, PeerLeft},
		{errors.New("anything else"), wire.Memory, PeerLeft},
	} {
		if got := reasonOf(c.err, c.transport); got != c.want {
			t.Errorf("%v over %v is %v, want %v", c.err, c.transport, got, c.want)
		}
	}
}
