package player

import (
	"bytes"
	"sync"
	"time"

	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

// outbox is the only way out to a connection. A write never blocks and nothing queues: a packet is handed to the
// kernel whole, or what the kernel did not take of it is kept and drained before anything else goes out. Control
// messages go out only between packets.
//
// Anybody may call its methods; the lock makes them take turns. None of them calls back into the session: they return
// why the session must end, or Open.
type outbox struct {
	// What each frame touches is one line of the processor's cache.
	mu         sync.Mutex
	closed     bool
	welcomed   bool              // a packet was taken
	framed     bool              // the connection's form of packets
	sent       uint32            // bytes that the kernel took, counted up to 4 GiB, again and again
	attachment *world.Attachment // whose packets are taken
	backlog    *backlog          // nil when there is none
	out        wire.TryWriter    // the connection's; always the same
	stats      *Stats
	limits     *Limits

	conn   wire.Conn
	failed time.Time // when a write failed; zero while none has
	wraps  uint32    // how often sent has begun anew
}

// Link is how the way to a client stands.
type Link struct {
	// Sent is how many bytes the kernel took for this connection, Queued how many wait for it.
	Sent   uint64
	Queued int
	// Missed is of how many ticks in a row, up to now, the client could not take a frame, Behind for how long the kernel has not
	// taken all.
	Missed int
	Behind time.Duration
}

// link returns how the way to the client stands.
func (o *outbox) link(now time.Time) Link {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := Link{Sent: uint64(o.wraps)<<32 | uint64(o.sent)}
	if w := o.backlog; w != nil {
		l.Queued = len(w.rest) + len(w.answer) + len(w.ping) + len(w.replies)
	}
	if o.cut() {
		l.Missed, l.Behind = o.backlog.missed, max(0, now.Sub(o.backlog.behind))
	}
	return l
}

// backlog is what the kernel has not taken yet.
type backlog struct {
	rest   []byte    // of a message that it has taken in part; nil when there is none
	behind time.Time // since when there is a rest
	missed int       // ticks of which no packet could be taken since then

	// What goes out once the rest has.
	answer  []byte // the transport's newest
	ping    []byte
	replies []byte // messages of the session's own
}

// newOutbox returns the way out to a connection.
func newOutbox(conn wire.Conn, limits *Limits, stats *Stats) outbox {
	return outbox{out: conn.Writer(), framed: conn.Framed(), conn: conn, limits: limits, stats: stats}
}

// wait returns the backlog, to be added to. The outbox is locked.
func (o *outbox) wait() *backlog {
	if o.backlog == nil {
		o.backlog = &backlog{}
	}
	return o.backlog
}

// cut reports whether there is a rest. The outbox is locked.
func (o *outbox) cut() bool { return o.backlog != nil && o.backlog.rest != nil }

// next returns what goes out next: the rest, which stays, or what has waited for it, or nil.
func (w *backlog) next() (b []byte) {
	if w.rest != nil {
		return w.rest
	}
	for _, from := range [...]*[]byte{&w.answer, &w.ping, &w.replies} {
		if b, *from = *from, nil; b != nil {
			return b
		}
	}
	return nil
}

// deadFor returns for how long nothing could be written any more.
func (o *outbox) deadFor(now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed.IsZero() {
		return 0
	}
	return now.Sub(o.failed)
}

// touch has the processor fetch what deliver needs. It takes no lock.
func (o *outbox) touch() {
	if out, ok := o.out.(wire.Toucher); ok {
		out.Touch()
	}
}

// attach makes the outbox take the packets of an attachment, and refuse those of the one before.
func (o *outbox) attach(a *world.Attachment) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.attachment = a
}

// sample drains what it can and says whether a packet can be taken now.
func (o *outbox) sample(now time.Time) (press.State, CloseReason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return press.Nobody, Open
	}
	if end := o.drain(now); end != Open {
		return press.Nobody, end
	}
	switch {
	case !o.cut():
		return press.Ready, Open
	case now.Sub(o.backlog.behind) > o.limits.SlowConsumer:
		return press.Nobody, SlowConsumer
	default:
		return press.Busy, Open
	}
}

// miss counts a tick of which no packet could be taken.
func (o *outbox) miss() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.cut() {
		o.backlog.missed++
	}
}

// deliver takes a packet whole: what the kernel does not take is copied. A packet of an old attachment is refused.
func (o *outbox) deliver(from *world.Attachment, p wire.Packet, now time.Time) CloseReason {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.attachment != from {
		return Open
	}
	o.welcomed = true
	b := p.Bytes(o.framed)
	if o.cut() { // a control message got in between sample and deliver
		return o.keep(append(o.backlog.rest, b...))
	}
	return o.write(b, now)
}

// control sends a message of the transport's own, or keeps it, in place of an older one, until the rest is drained.
func (o *outbox) control(b []byte, now time.Time) CloseReason {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return Open
	}
	o.wait().answer = b
	return o.drain(now)
}

// sendPing sends the transport's ping, or keeps it until the rest is drained.
func (o *outbox) sendPing(now time.Time) CloseReason {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return Open
	}
	o.wait().ping = o.conn.AppendPing(nil)
	return o.drain(now)
}

// maxReplies bounds the replies that wait (bytes).
const maxReplies = 4 << 10

// reply sends a message of the session's own between packets, or keeps it until the rest is drained; what is beyond the bound
// is dropped.
func (o *outbox) reply(p wire.Packet, now time.Time) CloseReason {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, end := o.answerWith(p, now)
	return end
}

// notice is reply for what the client has not asked for: nothing before its welcome, which is in the first packet. It reports
// whether the message was not dropped.
func (o *outbox) notice(p wire.Packet, now time.Time) (taken bool, end CloseReason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.welcomed {
		return false, Open
	}
	return o.answerWith(p, now)
}

// answerWith is reply, and says whether the message was taken. The outbox is locked.
func (o *outbox) answerWith(p wire.Packet, now time.Time) (taken bool, end CloseReason) {
	if o.closed {
		return false, Open
	}
	if b, w := p.Bytes(o.framed), o.wait(); len(w.replies)+len(b) <= maxReplies {
		w.replies, taken = append(w.replies, b...), true
	}
	return taken, o.drain(now)
}

// close ends the outgoing side. The last messages and the close message go out if the kernel takes what is before them and
// themselves at once; after that nothing does.
func (o *outbox) close(reason CloseReason, text string, now time.Time, last ...wire.Packet) {
	o.sayLast(reason, text, now, last)
	_ = o.conn.Shutdown() // a connection that fails here has gone already, which Next reports
}

// sayLast writes the last messages and the transport's close message, if there are any and nothing is left before them, and
// lets nothing follow.
func (o *outbox) sayLast(reason CloseReason, text string, now time.Time, last []wire.Packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	for _, p := range last {
		if !o.closed && o.drain(now) == Open && !o.cut() {
			o.write(p.Bytes(o.framed), now)
		}
	}
	if !o.closed && o.drain(now) == Open && !o.cut() && !reason.silent() {
		if b := o.conn.AppendClose(nil, reason.Code(), text); len(b) > 0 {
			o.write(b, now)
		}
	}
	o.closed, o.backlog = true, nil
}

// drain writes what waits, in order: the rest, the transport's answer, the ping, and replies. The outbox is locked.
func (o *outbox) drain(now time.Time) CloseReason {
	for o.backlog != nil {
		b := o.backlog.next()
		if b == nil {
			o.backlog = nil // its memory is let go of
			break
		}
		if end := o.write(b, now); end != Open || o.cut() {
			return end
		}
	}
	return Open
}

// write hands b to the kernel: the rest itself, or what comes after it. What is not taken becomes the rest, copied
// unless it is the rest already. The outbox is locked.
func (o *outbox) write(b []byte, now time.Time) CloseReason {
	o.closed = true // and stays so if the connection panics
	n, err := o.out.TryWrite(b)
	o.closed = err != nil
	if o.sent += uint32(n); o.sent < uint32(n) {
		o.wraps++
	}
	o.stats.bytesSent.Add(uint64(n))
	switch {
	case err != nil:
		o.failed = now
		return PeerLeft
	case n < len(b) && !o.cut():
		o.wait().behind, o.backlog.missed = now, 0
		return o.keep(bytes.Clone(b[n:]))
	case n < len(b):
		o.backlog.rest = b[n:]
	case o.backlog != nil:
		o.backlog.rest = nil
	}
	return Open
}

// keep makes b the rest. Above the limit the packet stays cut, and nothing may follow it. The outbox is locked.
func (o *outbox) keep(b []byte) CloseReason {
	if len(b) > o.limits.MaxPending {
		o.closed, o.backlog = true, nil
		return SlowConsumer
	}
	o.backlog.rest = b
	return Open
}
