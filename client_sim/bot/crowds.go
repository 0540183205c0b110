package bot

import (
	"time"

	"aoiworld/client"
	"aoiworld/net/native"
)

// crowds is what a bot remembers of the crowds in view, to judge whether it is told of their members in time. The zero value is
// ready.
type crowds struct {
	declared map[uint32]*declared // by stream
	told     map[int32]telling    // by member
}

// declared is within what time a crowd's members are told of, by its own word.
type declared struct {
	now, before time.Duration // the most of lately, and of the time before that
	since       uint32        // by the world's clock (ms)
}

// telling is the track that a member was given last, and its latest move as of then.
type telling struct {
	stream   uint32
	track    native.Track
	sequence uint32
}

// tardiness is by how much a member may be told of later than its crowd says: its moves take a while to get to the server.
const tardiness = time.Second

// take takes in what a crowd declares.
func (d *declared) take(bound time.Duration, now uint32) {
	const lately = 10 * time.Second
	if millis(now-d.since) > max(lately, 2*d.now) {
		d.before, d.now, d.since = d.now, 0, now
	}
	d.now = max(d.now, bound)
}

// millis is a time of the world's clock.
func millis(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

// watchCrowds takes in what a tick has told of crowds as such. Everybody in a new one has begun a track.
func (n *nativeView) watchCrowds() {
	for c := range n.replica.Crowds() {
		d := n.crowds.declared[c.Stream]
		if d == nil {
			if n.crowds.declared == nil {
				n.crowds = crowds{map[uint32]*declared{}, map[int32]telling{}}
			}
			d = &declared{since: n.replica.Time()}
			n.crowds.declared[c.Stream] = d
			n.beginTracks(c.Stream)
		}
		d.take(c.Bound, n.replica.Time())
	}
	if len(n.crowds.declared) > 0 {
		n.endTracks()
	}
}

// beginTracks notes the tracks of all in a crowd.
func (n *nativeView) beginTracks(stream uint32) {
	for e := range n.replica.All() {
		if c, crowded := n.replica.CrowdOf(e); crowded && c.Stream == stream {
			t, _ := n.replica.Track(e)
			n.crowds.told[e.ID] = telling{stream, t, n.view.shown.find(e.ID).sequence}
		}
	}
}

// endTracks forgets the crowds that are over.
func (n *nativeView) endTracks() {
	there := 0
	for range n.replica.Crowds() {
		there++
	}
	if there == len(n.crowds.declared) {
		return
	}
	still := make(map[uint32]*declared, there)
	for c := range n.replica.Crowds() {
		still[c.Stream] = n.crowds.declared[c.Stream]
	}
	n.crowds.declared = still
	for id, t := range n.crowds.told {
		if still[t.stream] == nil {
			delete(n.crowds.told, id)
		}
	}
}

// movedInCrowd takes in where a member of a crowd is told to be: now, or by a key when its track began.
func (n *nativeView) movedInCrowd(e *client.Entity, t native.Track) {
	now := n.replica.Near(e) || t.Since == n.replica.Time()
	n.view.movedInCrowd(e.ID, onLattice(n.lattice, e.At), now, n.now)
	s := n.view.shown.find(e.ID)
	c, _ := n.replica.CrowdOf(e)
	if s == nil || n.crowds.declared[c.Stream] == nil { // a crowd that is new begins when the tick is over
		return
	}
	before, known := n.crowds.told[e.ID]
	known = known && before.stream == c.Stream
	if known && before.track == t {
		return
	}
	n.crowds.told[e.ID] = telling{c.Stream, t, s.sequence}
	if known && t.Since == n.replica.Time() {
		n.judgeWait(s, &before)
	}
}

// movedOutOfCrowd takes in where somebody is told to be who is in no crowd, or no longer: then it is told of again.
func (n *nativeView) movedOutOfCrowd(e *client.Entity) {
	at := onLattice(n.lattice, e.At)
	_, was := n.crowds.told[e.ID]
	delete(n.crowds.told, e.ID)
	if was && e.ID == n.view.self {
		n.view.movedInCrowd(e.ID, at, true, n.now)
		return
	}
	n.view.moved(e.ID, at, n.now)
}

// judgeWait judges whether somebody who is told of in a crowd has waited for that for too long.
func (n *nativeView) judgeWait(s *sighting, before *telling) {
	d := n.crowds.declared[before.stream]
	waited := millis(n.replica.Time() - before.track.Since)
	if d == nil || s.track == nil || d.now == 0 || waited <= max(d.now, d.before)+tardiness {
		return
	}
	waited = min(waited, s.track.astray(before, n.lattice.Extent(), n.now))
	if bound := max(d.now, d.before); waited > bound+tardiness {
		n.view.wrong(Neglected, s.id, "not where its track says for %v, at most %v are declared", waited, bound)
	}
}

// movedInCrowd takes in where somebody in a crowd is told to be, and whether that is as of now. Nobody goes back by being told of
// as of before, and to be told of oneself again is no correction.
func (v *view) movedInCrowd(id int32, at place, now bool, time time.Duration) {
	s := v.shown.find(id)
	if s == nil || now && id != v.self {
		v.moved(id, at, time)
		return
	}
	sequence, verdict := v.place(s, at)
	if id != v.self {
		v.tally.updates++
		return
	}
	if verdict == genuine {
		s.sequence = max(s.sequence, sequence)
		v.confirm(at, sequence, v.shown.len()-1, time)
	}
}

// confirm takes in that a move of the bot's own counts, which led to a place, unless that is known. others is how many are in view
// beside the bot.
func (v *view) confirm(at place, sequence uint32, others int, now time.Duration) {
	if sequence <= v.acked {
		return
	}
	v.own, v.acked, v.answer = at, sequence, now
	v.tally.echoes++
	v.tally.audience += int64(others)
}

// confirmed takes in that the bot's moves up to a number count. In a crowd that may be all that it is told of itself.
func (n *nativeView) confirmed(sequence uint32) {
	v := n.view
	if o := n.onlooker; o != nil {
		if at, _, noted := v.mine.noted(sequence); noted && o.crowded() && sequence <= v.mine.sent.Load() {
			v.confirm(at, sequence, o.others(), n.now)
		}
		return
	}
	e := n.replica.Entity(v.self)
	if e == nil || sequence > v.mine.sent.Load() {
		return
	}
	if _, crowded := n.replica.Track(e); !crowded {
		return
	}
	if at, _, noted := v.mine.noted(sequence); noted {
		v.confirm(at, sequence, v.shown.len()-1, n.now)
	}
}

// reckon puts the members of crowds where they are as of the last tick.
func (n *nativeView) reckon(shown map[int32]place) {
	for id := range shown {
		if e := n.replica.Entity(id); e != nil {
			if _, crowded := n.replica.Track(e); crowded {
				shown[id] = onLattice(n.lattice, n.replica.Place(e))
			}
		}
	}
}

// bound is within what time all crowds in view are told of anew.
func (b *bot) bound() (bound time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.native == nil || b.native.onlooker != nil {
		return 0
	}
	for c := range b.native.replica.Crowds() {
		bound = max(bound, c.Bound)
	}
	return bound
}

// bound is within what time everybody is told anew of everybody in a crowd.
func (f *fleet) bound() (bound time.Duration) {
	for _, b := range f.live() {
		bound = max(bound, b.bound())
	}
	return bound
}

// noted returns a move, and when it was sent; false when it is forgotten.
func (t *track) noted(sequence uint32) (p place, at time.Duration, ok bool) {
	s := t.step(sequence)
	p.x, p.z = unpack(s.ground.Load())
	p.y, p.v = unpack(s.air.Load())
	at, ok = t.sentAt(sequence)
	return p, at, ok
}

// astray returns for how long a bot has been where the track that it was given never leads.
func (t *track) astray(from *telling, e native.Extent, now time.Duration) (astray time.Duration) {
	for sequence := t.sent.Load(); sequence > from.sequence; sequence-- {
		p, at, ok := t.noted(sequence)
		if !ok || leads(&from.track, t.seen(p).rounded(t.lattice), e) {
			break
		}
		astray = now - at
	}
	return astray
}

// leads reports whether a track leads to a place, or may: in the end all tracks run along the borders.
func leads(t *native.Track, to native.Place, e native.Extent) bool {
	if t.Speed == (native.Velocity{}) || to.V != t.From.V {
		return to == t.From
	}
	if to.X == 0 || to.Z == 0 || to.X == e.Width || to.Z == e.Depth {
		return true
	}
	way, speed := int64(to.X-t.From.X), int64(t.Speed.X) // along the axis on which it is fastest
	if s := int64(t.Speed.Z); max(s, -s) > max(speed, -speed) {
		way, speed = int64(to.Z-t.From.Z), s
	}
	if s := int64(t.Speed.Y); max(s, -s) > max(speed, -speed) {
		way, speed = int64(to.Y-t.From.Y), s
	}
	if speed < 0 {
		way, speed = -way, -speed
	}
	if way < 0 {
		return false
	}
	for after := (way*1000 + speed - 1) / speed; after*speed < (way+1)*1000; after++ {
		if t.At(t.Since+uint32(after), e) == to {
			return true
		}
	}
	return false
}
