// Package game is tag: one player is "it", and whom it touches is "it" next. It shows all that a game of one's own can do:
// a message becomes a command (messages.go), the command changes the world by the rules (rules.go), and bots play it
// (bots.go).
package game

import (
	"math"
	"time"

	"google.golang.org/protobuf/proto"

	"aoiworld/examples/tag/tagpb"
	"aoiworld/world"
)

const (
	// Reach is how far a touch reaches, in world units.
	Reach = 8
	// noTagBack is how long who was tagged cannot tag the tagger.
	noTagBack = time.Second
	// roundKey is where the world keeps the Round.
	roundKey = "tag"
)

// Rules returns what happens in the world: there is always somebody who is "it", as long as anybody plays.
func Rules() world.Game {
	return world.Game{
		Joined: func(tx *world.Tx, who world.Entity) {
			if round(tx).It == 0 {
				crown(tx, 0, who.ID)
			}
		},
		Left: func(tx *world.Tx, who world.Entity) {
			if world.ID(round(tx).It) == who.ID {
				crown(tx, 0, heir(tx, who.ID))
			}
		},
	}
}

// Touch is the command that a player touches another.
type Touch struct{ Target world.ID }

// Apply implements world.Command.
func (t Touch) Apply(tx *world.Tx, by world.Entity) {
	if why, missed := t.missed(tx, by); missed {
		say(tx.Tell(by.ID, message(IDMissed, &tagpb.Missed{PID: int32(t.Target), Why: why})))
		return
	}
	show(tx, by.ID, &tagpb.Look{})
	score(tx, by.ID, func(s *tagpb.Score) { s.Tagged++ })
	score(tx, t.Target, func(s *tagpb.Score) { s.WasTagged++ })
	crown(tx, by.ID, t.Target)
}

// missed returns why a touch does not count, if it does not.
func (t Touch) missed(tx *world.Tx, by world.Entity) (why tagpb.Missed_Reason, missed bool) {
	now := round(tx)
	target, here := tx.Entity(t.Target)
	switch {
	case world.ID(now.It) != by.ID:
		return tagpb.Missed_NOT_IT, true
	case !here || target.Kind != world.PlayerKind || target.ID == by.ID:
		return tagpb.Missed_GONE, true
	case distance(by.At, target.At) > Reach:
		return tagpb.Missed_TOO_FAR, true
	case world.ID(now.By) == target.ID && tx.Now()-time.Duration(now.Since) < noTagBack:
		return tagpb.Missed_TOO_SOON, true
	}
	return 0, false
}

// crown makes a player "it", or nobody when it is 0.
func crown(tx *world.Tx, by, it world.ID) {
	say(tx.SetShared(roundKey, encode(&tagpb.Round{It: int32(it), By: int32(by), Since: int64(tx.Now())})))
	if it == 0 {
		return
	}
	show(tx, it, &tagpb.Look{It: true})
	say(tx.Announce(it, message(IDTagged, &tagpb.Tagged{By: int32(by), PID: int32(it)})))
}

// heir returns the player who is "it" after one that leaves: the one with the smallest id, or 0 when nobody is left.
func heir(tx *world.Tx, leaving world.ID) world.ID {
	for _, e := range tx.Entities() {
		if e.Kind == world.PlayerKind && e.ID != leaving {
			return e.ID
		}
	}
	return 0
}

// round returns what the world remembers of the game.
func round(tx *world.Tx) *tagpb.Round {
	r := &tagpb.Round{}
	decode(tx.Shared(roundKey), r)
	return r
}

// score changes what is remembered of a player, and tells it.
func score(tx *world.Tx, id world.ID, change func(*tagpb.Score)) {
	e, _ := tx.Entity(id)
	s := &tagpb.Score{}
	decode(e.State, s)
	change(s)
	say(tx.SetState(id, encode(s)))
	say(tx.Tell(id, message(IDScore, s)))
}

// show changes what everybody is shown of a player.
func show(tx *world.Tx, id world.ID, look *tagpb.Look) { say(tx.SetAttributes(id, encode(look))) }

// distance is how far apart two places are over the plane, in world units.
func distance(a, b world.Position) float64 {
	return math.Hypot(float64(a.X)-float64(b.X), float64(a.Z)-float64(b.Z))
}

// say panics where the world refuses what the rules have made sure of. A panic costs the session it happens to.
func say(err error) {
	if err != nil {
		panic(err)
	}
}

// encode returns a message's bytes. Equal messages give equal bytes, for they are part of the world's hash.
func encode(m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	say(err)
	return b
}

// decode reads what encode wrote.
func decode(b []byte, m proto.Message) { say(proto.Unmarshal(b, m)) }
