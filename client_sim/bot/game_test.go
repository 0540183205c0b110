package bot

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
)

// parrot is a player of a game in which one repeats what one heard.
type parrot struct{ heard []string }

func (p *parrot) Hear(id uint32, payload []byte) error {
	if id != 10000 {
		return errors.New("not a parrot's word")
	}
	p.heard = append(p.heard, string(payload))
	return nil
}

func (p *parrot) Act(me Me, dst []byte) []byte {
	if len(p.heard) == 0 {
		return dst
	}
	others := 0
	for range me.Others() {
		others++
	}
	text := fmt.Appendf(nil, "%s to %d", p.heard[len(p.heard)-1], others)
	p.heard = nil
	return wire.AppendFrame(dst, 10000, text)
}

// newParrot returns a bot that plays parrot, in the world with player 2, and its link.
func newParrot(t *testing.T) (*fleet, *bot, *silent) {
	f := newTestFleet()
	f.cfg.Player = func(int) Player { return &parrot{} }
	b, link := f.newBot(), &silent{room: -1}
	b.linkTo(link)
	var e classic.Encoder
	give(t, b, e.AppendAppear(welcome(1, place{100, 0, 100, 0}), 2, 1, 0, 1, 0))
	return f, b, link
}

// give lets a stream reach a bot.
func give(t *testing.T, b *bot, stream []byte) {
	t.Helper()
	if err := b.Receive(stream, len(stream)); err != nil {
		t.Fatal(err)
	}
}

func TestBotsPlayTheirGame(t *testing.T) {
	var e classic.Encoder
	f, b, link := newParrot(t)
	give(t, b, e.AppendMessage(nil, 10000, []byte("hello")))
	for range 2 {
		if err := b.move(); err != nil {
			t.Fatal(err)
		}
	}
	var ids []uint32
	for stream := link.sent; len(stream) > 0; {
		frame, rest, err := wire.Cut(stream, 4096)
		if err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, frame.ID); frame.ID == 10000 && string(frame.Payload) != "hello to 1" {
			t.Errorf("said %q", frame.Payload)
		}
		stream = rest
	}
	if want := []uint32{classic.IDPosition, 10000, classic.IDPosition}; !slices.Equal(ids, want) {
		t.Errorf("sent %v, want %v", ids, want)
	}
	give(t, b, e.AppendMessage(nil, 10001, nil))
	if len(f.wrong.kept) != 1 || f.wrong.kept[0].Kind != Unruly {
		t.Errorf("violations %v", f.wrong.kept)
	}
}

func TestLooksAreKeptWithWhoIsShown(t *testing.T) {
	var e classic.Encoder
	f, b, _ := newParrot(t)
	give(t, b, e.AppendAttributes(e.AppendAttributes(nil, 1, 0, []byte("red")), 2, 7, nil))
	if me := (Me{1, &b.view}); string(me.Self().Attributes) != "red" {
		t.Errorf("shown to itself as %+v", me.Self())
	}
	if shown := b.truth().shown; len(shown) != 1 {
		t.Errorf("the oracle is told of %v, and only players are its business", shown)
	}
	give(t, b, e.AppendAttributes(e.AppendAppear(e.AppendLeave(nil, 2), 2, 1, 0, 1, 0), 3, 0, nil))
	if shown := b.truth().shown; len(shown) != 2 {
		t.Errorf("who comes back looks as before: %v", shown)
	}
	if len(f.wrong.kept) != 1 || f.wrong.kept[0].Kind != MovedUnseen {
		t.Errorf("attributes of somebody who is not shown: violations %v", f.wrong.kept)
	}
}

func TestTheOracleComparesLooks(t *testing.T) {
	red, kinds := map[int32]look{2: {0, []byte("red")}}, map[int32]look{2: {16, []byte("red")}}
	for name, test := range map[string]struct {
		viewer, other map[int32]look
		wrong         bool
	}{
		"none":        {nil, nil, false},
		"the same":    {red, red, false},
		"not shown":   {nil, red, true},
		"still shown": {red, nil, true},
		"other kind":  {kinds, red, true},
	} {
		a, b := at(1, 5, 5, map[int32]place{2: {5, 0, 5, 0}}), at(2, 5, 5, map[int32]place{1: {5, 0, 5, 0}})
		a.looks, b.looks = test.viewer, test.other
		found := compare(tenByTen, []truth{a, b}, func(int32) bool { return false })
		if (len(found) == 1 && found[0].Kind == Stale) != test.wrong || len(found) > 1 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestTheGameJudgesAtQuietPoints(t *testing.T) {
	f, b, _ := newParrot(t)
	f.cfg.Verify = true
	f.cfg.Judge = func(all []Other) []string { return []string{fmt.Sprint(len(all), all[0].ID)} }
	b.view.acked = b.track.sent.Load()
	f.enlist(b)
	found := newRounds(f).inspect()
	if !slices.ContainsFunc(found, func(v Violation) bool { return v.Kind == Unruly && v.Detail == "1 1" }) {
		t.Errorf("found %v", found)
	}
}
