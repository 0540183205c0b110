package client

import (
	"time"

	"aoiworld/net/native"
	nativepb "aoiworld/pb/native"
)

// prediction is where a player will be when its moves under way have arrived.
type prediction struct {
	at      native.Place // by the server
	pending []native.Move
}

// maxPending bounds the moves that are under way. Beyond it the oldest are taken for lost.
const maxPending = 256

// add notes a move that was sent.
func (p *prediction) add(m native.Move) {
	if p.pending = append(p.pending, m); len(p.pending) > maxPending {
		p.pending = p.pending[1:]
	}
}

// see takes in where the server shows the player: the newest move there is confirmed, and all before it are over.
func (p *prediction) see(at native.Place) {
	p.at = at
	for i := len(p.pending) - 1; i >= 0; i-- {
		if p.pending[i].To == at {
			p.pending = p.pending[i+1:]
			return
		}
	}
}

// confirm takes in that all moves up to a number are over. The server need not have shown that they were made: in a crowd it does
// not tell of who is where it was bound to be.
func (p *prediction) confirm(sequence uint32) {
	for len(p.pending) > 0 && p.pending[0].Sequence <= sequence {
		p.at, p.pending = p.pending[0].To, p.pending[1:]
	}
}

// correct takes in where the player truly is, after a move that was refused. Moves after that one were asked from where the
// player never was, and are given up.
func (p *prediction) correct(at native.Place) {
	p.at = at
	p.pending = p.pending[:0]
}

// here is the place to show: of the last move under way, or the server's.
func (p *prediction) here() native.Place {
	if n := len(p.pending); n > 0 {
		return p.pending[n-1].To
	}
	return p.at
}

// clock is what is known of the way to the server and of its clock.
type clock struct {
	roundTrip time.Duration
	offset    time.Duration // the server's clock less this one's
}

// pong takes in the answer to a ping that carries its time of sending in microseconds.
func (c *clock) pong(now time.Time, m *nativepb.Pong) {
	sent := time.UnixMicro(int64(m.Time))
	trip := now.Sub(sent)
	if trip < 0 {
		return // not one of ours
	}
	if c.roundTrip == 0 || trip <= c.roundTrip { // the quickest answers know best
		c.roundTrip, c.offset = trip, time.UnixMicro(int64(m.ServerMicros)).Sub(sent.Add(trip/2))
	} else {
		c.roundTrip += (trip - c.roundTrip) / 8
	}
}
