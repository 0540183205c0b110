package player

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"aoiworld/net/wire"
)

func TestCloseTableIsComplete(t *testing.T) {
	codes, names := map[uint16]CloseReason{}, map[string]CloseReason{}
	for r := PeerLeft; r < CloseReasons; r++ {
		row := r.row()
		if row.code == 0 || row.name == "" || row.text == "" || len(row.text) > 120 {
			t.Errorf("reason %d has the row %+v", r, row)
		}
		if other, taken := codes[row.code]; taken {
			t.Errorf("%v and %v share the code %d", r, other, row.code)
		}
		if other, taken := names[row.name]; taken {
			t.Errorf("reasons %d and %d share the name %v", r, other, r)
		}
		codes[row.code], names[row.name] = r, r
		if row.name != strings.ToUpper(row.name) || strings.ContainsAny(row.name, " -") {
			t.Errorf("name %q", row.name)
		}
		if row.code >= 4000 && row.final != (row.code >= 4500) {
			t.Errorf("%v: code %d says something else than final = %v", r, row.code, row.final)
		}
		if row.code == 1006 && !row.silent {
			t.Errorf("%v: 1006 must never be sent", r)
		}
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
		TooManyConnections: "4008", Flood: "4009", ProtocolAbuse: "4504", MoveAbuse: "4507", PeerLeft: "1006",
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
