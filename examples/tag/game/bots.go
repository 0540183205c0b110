package game

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"aoiworld/client_sim/bot"
	"aoiworld/examples/tag/tagpb"
	"aoiworld/net/wire"
)

// Play lets bots play tag, and watches that they are told the truth about it.
func Play(cfg *bot.Config) {
	cfg.Player = func(number int) bot.Player { return &tagger{moves: number} }
	guests := cfg.Guests
	cfg.Judge = func(all []bot.Other) []string {
		if guests && !slices.ContainsFunc(all, isIt) {
			return nil // a guest may be
		}
		return judge(all)
	}
}

// tagger is a bot that plays tag: as "it", it touches whoever is nearest. Now and then it cheats.
type tagger struct {
	moves int          // so many, and so many more that not all cheat at once
	score *tagpb.Score // as it was last told
}

// cheatEvery is how often a bot that is not "it" touches somebody all the same, in moves.
const cheatEvery = 50

// Act implements bot.Player.
func (p *tagger) Act(me bot.Me, dst []byte) []byte {
	p.moves++
	if !isIt(me.Self()) && p.moves%cheatEvery != 0 {
		return dst
	}
	if victim := nearest(me); victim != 0 {
		return wire.AppendFrame(dst, IDTouch, encode(&tagpb.Touch{PID: victim}))
	}
	return dst
}

// nearest returns the id of the player within reach that is nearest, or 0.
func nearest(me bot.Me) (id int32) {
	self, best := me.Self(), float32(Reach*Reach)
	for other := range me.Others() {
		dx, dz := other.X-self.X, other.Z-self.Z
		if d := dx*dx + dz*dz; other.Kind == 0 && d <= best {
			id, best = other.ID, d
		}
	}
	return id
}

// Hear implements bot.Player.
func (p *tagger) Hear(id uint32, payload []byte) error {
	switch id {
	case IDTagged:
		m := &tagpb.Tagged{}
		if err := proto.Unmarshal(payload, m); err != nil || m.PID == 0 || m.PID == m.By {
			return fmt.Errorf("tagged %v: %w", m, err)
		}
		return nil
	case IDMissed:
		return proto.Unmarshal(payload, &tagpb.Missed{})
	case IDScore:
		return p.scored(payload)
	}
	return fmt.Errorf("message %d is none of tag's", id)
}

// scored takes in a score, which only rises, by one at a time.
func (p *tagger) scored(payload []byte) error {
	m := &tagpb.Score{}
	if err := proto.Unmarshal(payload, m); err != nil {
		return err
	}
	if before := p.score.GetTagged() + p.score.GetWasTagged(); m.Tagged+m.WasTagged != before+1 {
		return fmt.Errorf("score %v after %v", m, p.score)
	}
	p.score = m
	return nil
}

// isIt reports whether somebody is shown as "it".
func isIt(who bot.Other) bool {
	look := &tagpb.Look{}
	return proto.Unmarshal(who.Attributes, look) == nil && look.It
}

// judge objects unless one player is "it", and one alone.
func judge(all []bot.Other) []string {
	its := 0
	for _, who := range all {
		if isIt(who) {
			its++
		}
	}
	if its != 1 {
		return []string{fmt.Sprintf("%d of %d players are it, want one", its, len(all))}
	}
	return nil
}
