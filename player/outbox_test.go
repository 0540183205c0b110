package player

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

// start is when the tests of the outbox begin.
var start = time.Unix(1_000_000, 0)

// newTestOutbox returns an outbox of an attachment over a fake WebSocket connection.
func newTestOutbox(maxPending int) (*outbox, *fakeConn, *world.Attachment) {
	conn := newFakeConn(wire.WebSocket)
	limits := DefaultLimits()
	limits.MaxPending = maxPending
	out := newOutbox(conn, &limits, &Stats{})
	o := &out
	a := &world.Attachment{}
	o.attach(a)
	return o, conn, a
}

// expect fails the test unless sample says so.
func expect(t *testing.T, o *outbox, at time.Time, state press.State, end CloseReason) {
	t.Helper()
	if gotState, gotEnd := o.sample(at); gotState != state || gotEnd != end {
		t.Errorf("after %v: state %d and %v, want %d and %v", at.Sub(start), gotState, gotEnd, state, end)
	}
}

func TestPacketIsTakenWhole(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	expect(t, o, start, press.Ready, Open)
	o.deliver(a, packet(7, []byte("all of it")), start)
	expect(t, o, start, press.Ready, Open)
	if got := conn.got(t); len(got) != 1 || got[0].ID != 7 || string(got[0].Payload) != "all of it" {
		t.Errorf("got %v", got)
	}
	if n := o.stats.Snapshot().BytesSent; n != 17 {
		t.Errorf("%d bytes were counted", n)
	}
}

func TestRestIsKeptAndDrained(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	conn.take(10)
	b := wire.AppendFrame(make([]byte, wire.Headroom), 7, bytes.Repeat([]byte("x"), 100))
	o.deliver(a, wire.Seal(b), start)
	clear(b) // the tick is over, its memory is used for something else
	expect(t, o, start, press.Busy, Open)
	conn.take(50)
	expect(t, o, start.Add(time.Second), press.Busy, Open)
	conn.take(48)
	expect(t, o, start.Add(2*time.Second), press.Ready, Open)
	got := conn.got(t)
	if len(got) != 1 || !bytes.Equal(got[0].Payload, bytes.Repeat([]byte("x"), 100)) {
		t.Errorf("got %v", got)
	}
	if o.cut() {
		t.Error("the memory of the rest is kept")
	}
}

func TestSlowConsumer(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	expect(t, o, start, press.Ready, Open)
	later := start.Add(time.Hour) // of silence, which is not lagging
	expect(t, o, later, press.Ready, Open)
	conn.take(10)
	o.deliver(a, packet(7, make([]byte, 100)), later)
	expect(t, o, later.Add(4900*time.Millisecond), press.Busy, Open)
	expect(t, o, later.Add(5000*time.Millisecond), press.Busy, Open)
	conn.take(1) // a byte now and then does not help
	expect(t, o, later.Add(5001*time.Millisecond), press.Nobody, SlowConsumer)
}

func TestWholePacketEndsBeingBehind(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	at := start
	for range 5 { // 4 s for each of five packets
		conn.take(10)
		o.deliver(a, packet(7, make([]byte, 100)), at)
		at = at.Add(4 * time.Second)
		expect(t, o, at, press.Busy, Open)
		conn.take(98)
		expect(t, o, at, press.Ready, Open)
	}
}

func TestPacketOfOldAttachmentIsRefused(t *testing.T) {
	o, conn, old := newTestOutbox(4096)
	current := &world.Attachment{}
	o.attach(current)
	o.deliver(old, packet(1, nil), start)
	o.deliver(current, packet(2, nil), start)
	if got := conn.ids(t); !slices.Equal(got, []uint32{2}) {
		t.Errorf("got the frames %v", got)
	}
}

func TestNothingIsWrittenAfterClose(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	o.close(Shutdown, "bye", start)
	o.deliver(a, packet(1, nil), start)
	o.control([]byte("pong"), start)
	o.sendPing(start)
	o.close(Internal, "again", start)
	expect(t, o, start, press.Nobody, Open)
	if code, text := conn.closeSent(t); code != 4001 || text != "bye" || len(conn.got(t)) != 1 {
		t.Errorf("got close %d %q among %d frames", code, text, len(conn.got(t)))
	}
}

func TestCloseMessageGoesOutOnlyBetweenPackets(t *testing.T) {
	for _, c := range []struct {
		name     string
		room     int // at a time when the session ends, after 10 bytes of a packet of 108
		reason   CloseReason
		wantCode uint16
	}{
		{"no room for the rest", 97, Shutdown, 0},
		{"room for the rest and the message", unlimited, Shutdown, 4001},
		{"nobody to tell", unlimited, PeerLeft, 0},
		{"transport has told", unlimited, ProtocolError, 0},
	} {
		o, conn, a := newTestOutbox(4096)
		conn.take(10)
		o.deliver(a, packet(7, make([]byte, 100)), start)
		conn.take(unlimited)
		conn.each = c.room
		o.close(c.reason, c.reason.Text(), start)
		frames, rest := conn.whole()
		code := uint16(0)
		if n := len(frames); n > 0 && frames[n-1].ID == idClose {
			code = binary.BigEndian.Uint16(frames[n-1].Payload)
		}
		if code != c.wantCode || conn.shutdown != 1 {
			t.Errorf("%s: code %d, shutdown %d times", c.name, code, conn.shutdown)
		}
		if want := map[bool]int{true: 0, false: 10 + c.room}[c.room == unlimited]; len(rest) != want {
			t.Errorf("%s: %d bytes of an unfinished frame, want %d", c.name, len(rest), want)
		}
	}
}

func TestControlMessagesWaitForTheRest(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	conn.take(10)
	o.deliver(a, packet(7, make([]byte, 100)), start)
	o.sendPing(start)
	o.control(wire.AppendFrame(nil, idPong, []byte("old")), start)
	o.control(wire.AppendFrame(nil, idPong, []byte("new")), start)
	o.sendPing(start)
	if _, rest := conn.whole(); len(rest) != 10 {
		t.Fatalf("%d bytes were written", len(rest))
	}
	conn.take(unlimited)
	expect(t, o, start, press.Ready, Open)
	if got := conn.ids(t); !slices.Equal(got, []uint32{7, idPong, idPing}) {
		t.Fatalf("got the frames %v", got)
	}
	if got := conn.got(t)[1].Payload; string(got) != "new" {
		t.Errorf("got the pong %q", got)
	}
}

func TestUnfinishedControlMessageComesBeforeThePacket(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	conn.take(3)
	o.control(wire.AppendFrame(nil, idPong, []byte("pong")), start)
	o.deliver(a, packet(7, []byte("x")), start) // was sampled as ready before the pong
	expect(t, o, start, press.Busy, Open)
	conn.take(unlimited)
	expect(t, o, start, press.Ready, Open)
	if got := conn.ids(t); !slices.Equal(got, []uint32{idPong, 7}) {
		t.Errorf("got the frames %v", got)
	}
}

func TestTransportWithoutPings(t *testing.T) {
	o, conn, _ := newTestOutbox(4096)
	conn.transport = wire.TCP
	o.sendPing(start)
	expect(t, o, start, press.Ready, Open)
	o.close(Shutdown, "bye", start)
	if len(conn.written) != 0 || conn.shutdown != 1 {
		t.Errorf("wrote %q, shutdown %d times", conn.written, conn.shutdown)
	}
}

func TestRestIsBounded(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	conn.take(8)
	if end := o.deliver(a, packet(7, make([]byte, 4096)), start); end != Open {
		t.Fatalf("a rest of the limit ends in %v", end)
	}
	o, conn, a = newTestOutbox(4096)
	conn.take(7)
	if end := o.deliver(a, packet(7, make([]byte, 4096)), start); end != SlowConsumer {
		t.Fatalf("a rest above the limit ends in %v", end)
	}
	conn.take(unlimited)
	o.close(SlowConsumer, "", start)
	if _, rest := conn.whole(); len(rest) != 7 {
		t.Errorf("after a packet that was cut %d bytes were written", len(rest)-7)
	}
	if o.cut() {
		t.Error("memory is kept")
	}
}

func TestBrokenConnection(t *testing.T) {
	for name, use := range map[string]func(*outbox, *world.Attachment) CloseReason{
		"deliver": func(o *outbox, a *world.Attachment) CloseReason { return o.deliver(a, packet(1, nil), start) },
		"control": func(o *outbox, _ *world.Attachment) CloseReason { return o.control([]byte("pong"), start) },
		"ping":    func(o *outbox, _ *world.Attachment) CloseReason { return o.sendPing(start) },
		"sample": func(o *outbox, _ *world.Attachment) CloseReason {
			o.wait().rest = []byte("rest")
			_, end := o.sample(start)
			return end
		},
	} {
		o, conn, a := newTestOutbox(4096)
		conn.broken = errReset
		if end := use(o, a); end != PeerLeft {
			t.Errorf("%s ends in %v", name, end)
		}
		conn.broken = nil
		o.close(PeerLeft, "", start)
		expect(t, o, start, press.Nobody, Open)
		if len(conn.written) > 0 {
			t.Errorf("%s: %q was written to a broken connection", name, conn.written)
		}
	}
}

func TestWholePacketCostsNoAllocation(t *testing.T) {
	o, conn, a := newTestOutbox(4096)
	conn.written = make([]byte, 0, 1<<20)
	p := packet(7, make([]byte, 100))
	if n := testing.AllocsPerRun(1000, func() {
		if state, _ := o.sample(start); state != press.Ready {
			t.Fatal("not ready")
		}
		o.deliver(a, p, start)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

// TestOutboxNeverInterleaves plays any order of packets, control messages and kernel buffers of any size, and compares
// what was written with what was said, in order: every packet that was delivered while ready, and never half a message
// before another.
func TestOutboxNeverInterleaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, conn, a := newTestOutbox(1 << 16)
		conn.take(0)
		now, serial := start, uint32(0)
		var packets []uint32
		var lastPong uint32
		newest := func() []byte {
			serial++
			return binary.LittleEndian.AppendUint32(nil, serial)
		}
		t.Repeat(map[string]func(*rapid.T){
			"tick": func(t *rapid.T) {
				now = now.Add(time.Millisecond)
				if state, end := o.sample(now); end != Open {
					t.Fatalf("ended as %v", end)
				} else if state == press.Ready {
					payload := append(newest(), make([]byte, rapid.IntRange(0, 300).Draw(t, "size"))...)
					packets = append(packets, serial)
					o.deliver(a, packet(7, payload), now)
				}
			},
			"pong": func(*rapid.T) {
				o.control(wire.AppendFrame(nil, idPong, newest()), now)
				lastPong = serial
			},
			"ping": func(*rapid.T) { o.sendPing(now) },
			"room": func(t *rapid.T) {
				conn.take(rapid.IntRange(0, 200).Draw(t, "room"))
				conn.each = rapid.IntRange(0, 100).Draw(t, "at a time")
			},
			"": func(*rapid.T) {},
		})
		conn.take(unlimited)
		conn.each = 0
		o.close(Shutdown, "bye", now)
		checkWritten(t, conn, packets, lastPong)
	})
}

// checkWritten compares what was written with what was said: all packets in order, pongs in order up to the last one, a
// close message at the end.
func checkWritten(t *rapid.T, conn *fakeConn, packets []uint32, lastPong uint32) {
	frames, rest := conn.whole()
	if len(rest) > 0 || len(frames) == 0 || frames[len(frames)-1].ID != idClose {
		t.Fatalf("%d bytes of a frame at the end, or no close message after %d frames", len(rest), len(frames))
	}
	var got []uint32
	pong := uint32(0)
	for _, f := range frames[:len(frames)-1] {
		switch f.ID {
		case 7:
			got = append(got, binary.LittleEndian.Uint32(f.Payload))
			if !bytes.Equal(f.Payload[4:], make([]byte, len(f.Payload)-4)) {
				t.Fatalf("a packet was changed: %v", f.Payload)
			}
		case idPong:
			serial := binary.LittleEndian.Uint32(f.Payload)
			if serial <= pong {
				t.Fatalf("pong %d comes after %d", serial, pong)
			}
			pong = serial
		case idPing:
			if len(f.Payload) > 0 {
				t.Fatalf("a ping was changed: %v", f.Payload)
			}
		default:
			t.Fatalf("frame %d was never sent", f.ID)
		}
	}
	if !slices.Equal(got, packets) || pong != lastPong {
		t.Fatalf("got the packets %v and at last pong %d, want %v and %d", got, pong, packets, lastPong)
	}
}

// TestRepliesWaitWithinBounds: for who does not read they are kept up to a bound, and come whole and in order when it does.
func TestRepliesWaitWithinBounds(t *testing.T) {
	o, c, _ := newTestOutbox(4096)
	c.take(3)
	reply := wire.Seal(append(make([]byte, wire.Headroom), wire.AppendFrame(nil, 7, make([]byte, 92))...))
	for range 100 {
		if end := o.reply(reply, start); end != Open {
			t.Fatal(end)
		}
	}
	c.take(unlimited)
	expect(t, o, start, press.Ready, Open)
	if n := len(c.got(t)); n < 30 || n > 1+maxReplies/100 {
		t.Errorf("%d of 100 replies came", n)
	}
}
