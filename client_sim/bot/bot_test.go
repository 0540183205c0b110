package bot

import (
	"errors"
	"io"
	"slices"
	"testing"

	"aoiworld/client_sim/link"
	"aoiworld/net/classic"
	"aoiworld/net/wire"
)

// silent is a link that takes everything, or as much as room says.
type silent struct {
	sent   []byte
	room   int // frames; negative is endless
	closed bool
}

func (l *silent) Send(frame []byte) error {
	if l.closed {
		return errors.New("closed")
	}
	if l.room == 0 {
		return link.ErrBusy
	}
	l.room--
	l.sent = append(l.sent, frame...)
	return nil
}

func (l *silent) Close() { l.closed = true }
func (l *silent) Cut()   { l.closed = true }

// linkTo connects a bot by hand.
func (b *bot) linkTo(l link.Link) { b.link.Store(&l) }

// Receive is what the bot's connection brings.
func (b *bot) Receive(chunk []byte, bytes int) error {
	return connection{b, b.life}.Receive(chunk, bytes)
}

// Ended is the end of the bot's connection.
func (b *bot) Ended(reason error) { connection{b, b.life}.Ended(reason) }

// classicDefaults are the defaults for a server of the classic dialect.
func classicDefaults() Config {
	cfg := Defaults()
	cfg.Server, cfg.Dialect = ClassicServer, Classic
	return cfg
}

// newTestFleet is a fleet whose bots are connected by hand.
func newTestFleet() *fleet {
	cfg := classicDefaults()
	cfg.Motion = Cross
	return newFleet(cfg, nil)
}

// However the network cuts the stream, the bot is shown the same.
func TestTheStreamMayBeCutAnywhere(t *testing.T) {
	var e classic.Encoder
	stream := welcome(1, place{100, 0, 100, 0})
	for id := int32(2); id < 12; id++ {
		stream = e.AppendAppear(stream, id, float32(id), 0, 1, 0)
	}
	stream = e.AppendChat(stream, 3, chatMark+"1")
	stream = e.AppendLeave(stream, 4)
	frames := int64(3 + 10 + 1 + 1)
	for size := 1; size <= len(stream); size++ {
		f := newTestFleet()
		b := f.newBot()
		for chunk := range slices.Chunk(stream, size) {
			if err := b.Receive(slices.Clone(chunk), len(chunk)); err != nil {
				t.Fatal(err)
			}
		}
		got := b.view.tally
		if got.frames != frames || got.updates != 11 || got.bytes != int64(len(stream)) || b.view.shown.len() != 10 {
			t.Fatalf("in chunks of %d: %+v, %d in view", size, got, b.view.shown.len())
		}
		if got.reads != int64((len(stream)+size-1)/size) || f.wrong.total() != 0 || len(b.rest) != 0 {
			t.Fatalf("in chunks of %d: %d reads, %v, rest of %d", size, got.reads, f.wrong.kept, len(b.rest))
		}
		select {
		case <-b.joined:
		default:
			t.Fatalf("in chunks of %d: not joined", size)
		}
	}
}

func TestALargeBeginningIsNotKept(t *testing.T) {
	f := newTestFleet()
	b := f.newBot()
	// Its id is wrong, which shows only when it is whole.
	snapshot := wire.AppendFrame(nil, classic.IDTalk, make([]byte, 100<<10))
	for chunk := range slices.Chunk(snapshot[:len(snapshot)-1], 1000) {
		if err := b.Receive(chunk, len(chunk)); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.rest) != len(snapshot)-1 {
		t.Fatalf("%d bytes kept of an unfinished frame of %d", len(b.rest), len(snapshot))
	}
	if err := b.Receive(snapshot[len(snapshot)-1:], 1); err == nil {
		t.Error("an id that no server sends is taken")
	}
	if cap(b.rest) > keptRest {
		t.Errorf("%d bytes are kept afterwards", cap(b.rest))
	}
}

func TestMalformedBytesEndTheConnection(t *testing.T) {
	for name, stream := range map[string][]byte{
		"a length of 4 GiB": {0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0},
		"an unknown id":     wire.AppendFrame(nil, 77, nil),
		"no message":        wire.AppendFrame(nil, classic.IDBroadcast, []byte{0xff}),
	} {
		f := newTestFleet()
		b := f.newBot()
		if err := b.Receive(stream, len(stream)); err == nil {
			t.Errorf("%s: taken", name)
		}
		if _, kinds, _ := f.wrong.all(); kinds[Malformed] != 1 {
			t.Errorf("%s: %v", name, kinds)
		}
	}
}

func TestABotMoves(t *testing.T) {
	f := newTestFleet()
	b := f.newBot()
	conn := &silent{room: 2}
	b.linkTo(conn)
	for range 2 {
		if err := b.move(); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.move(); !errors.Is(err, link.ErrBusy) {
		t.Errorf("move: %v, want link.ErrBusy", err)
	}
	if sent := b.track.sent.Load(); sent != 2 {
		t.Errorf("%d moves count as sent, want 2", sent)
	}
	rest := conn.sent
	for i := range 2 {
		frame, after, err := wire.Cut(rest, 100)
		if err != nil || frame.ID != classic.IDPosition {
			t.Fatalf("frame %d: id %d, %v", i, frame.ID, err)
		}
		x, y, z, v, err := classic.ParsePosition(frame.Payload)
		if n, is := b.track.judge(place{x, y, z, v}, false); err != nil || is != genuine || int(n) != i+1 {
			t.Errorf("move %d: %v %v %v %v, %v", i, x, y, z, v, err)
		}
		rest = after
	}
	if len(rest) > 0 {
		t.Errorf("%d bytes too many", len(rest))
	}
}

// TestABotFacesWhereItGoes: degrees from north over east, and on the spot it turns.
func TestABotFacesWhereItGoes(t *testing.T) {
	b := &bot{here: spot{10, 10}}
	for i, c := range []struct {
		to   spot
		want int
	}{
		{spot{10, 11}, 0},
		{spot{11, 11}, 90},
		{spot{11, 10}, 180},
		{spot{10, 10}, 270},
		{spot{9, 11}, 315},
		{spot{9, 11}, 316},
		{spot{9, 11}, 317},
		{spot{9, 12}, 0},
		{spot{8.9, 20}, 359},
	} {
		if b.face(c.to); b.heading != c.want {
			t.Errorf("step %d: heading %d, want %d", i, b.heading, c.want)
		}
	}
}

func TestWhoHasLeftHearsNothing(t *testing.T) {
	f := newTestFleet()
	b := f.newBot()
	if err := b.Receive(welcome(1, place{100, 0, 100, 0}), 70); err != nil {
		t.Fatal(err)
	}
	if sum := b.leave(); sum.bytes != 70 || sum.frames != 3 {
		t.Errorf("takes %+v with it", sum)
	}
	if err := b.Receive([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 8); err != nil {
		t.Errorf("it minds: %v", err)
	}
	b.Ended(io.EOF)
	if closes, _ := f.ends(); len(closes) != 0 || !b.gone.Load() {
		t.Errorf("its own leaving is called a close: %v", closes)
	}
}

func TestABotThatIsCutOffBeforeItJoins(t *testing.T) {
	f := newTestFleet()
	b := f.newBot()
	b.Ended(io.EOF)
	<-b.joined // whoever waits for it is told
	if closes, _ := f.ends(); closes["tcp: closed by the server"] != 1 || !b.gone.Load() {
		t.Errorf("closes %v, gone %v", closes, b.gone.Load())
	}
}
