package client

import (
	"time"

	"aoiworld/net/native"
)

// path is how somebody goes as it is shown: from one place that was told to the next, or along a track.
type path struct {
	from, to native.Place
	left     time.Time // when from was left
	reached  time.Time // when to is reached

	onTrack bool
	track   native.Track
	off     native.Place // from the track to where it was shown before that began; it fades
	since   time.Time    // when it began
	shown   time.Time    // last
}

const (
	// fade is how long the difference between where a track begins and where its member was shown before takes to go.
	fade = 200 * time.Millisecond
	// looked is how long ago somebody was shown who is not seen to jump.
	looked = 250 * time.Millisecond
)

// step goes on to another place, from wherever it is shown now, in as long as the last step took.
func (p *path) step(to native.Place, now time.Time, w *worldClock) {
	const longest = 250 * time.Millisecond
	took := min(longest, max(0, now.Sub(p.left)))
	from := p.at(now, w)
	if p.onTrack && now.Sub(p.shown) > looked {
		from = to // where it was all the while nobody knows
	}
	p.from, p.to, p.left, p.reached, p.onTrack = from, to, now, now.Add(took), false
}

// follow goes along a track from now on. It begins where the path is shown, and is soon on the track.
func (p *path) follow(t native.Track, now time.Time, w *worldClock) {
	if p.onTrack && p.track == t {
		return
	}
	var off native.Place
	if now.Sub(p.shown) <= looked {
		is, begins := p.at(now, w), w.along(&t, now)
		off = native.Place{X: is.X - begins.X, Y: is.Y - begins.Y, Z: is.Z - begins.Z, V: native.Turn(begins.V, is.V)}
	}
	p.onTrack, p.track, p.off, p.since = true, t, off, now
	p.left = now
}

// at is where the path is at a time.
func (p *path) at(now time.Time, w *worldClock) native.Place {
	if p.onTrack {
		left := fade - now.Sub(p.since)
		return between(w.along(&p.track, now), p.off, left, fade)
	}
	whole, part := p.reached.Sub(p.left), now.Sub(p.left)
	if part >= whole || whole <= 0 {
		return p.to
	}
	way := native.Place{X: p.to.X - p.from.X, Y: p.to.Y - p.from.Y, Z: p.to.Z - p.from.Z, V: native.Turn(p.from.V, p.to.V)}
	return between(p.from, way, part, whole)
}

// between returns a place after a part of a way, which has a turn for its heading; after nothing of it when there is less.
func between(from, way native.Place, part, whole time.Duration) native.Place {
	if part <= 0 {
		return from
	}
	share := func(v int32) int32 { return int32(int64(v) * int64(part) / int64(whole)) }
	return native.Place{
		X: from.X + share(way.X), Y: from.Y + share(way.Y), Z: from.Z + share(way.Z), V: native.Turned(from.V, share(way.V)),
	}
}

// worldClock is what time it is in the world, between the ticks that tell it, for whoever is on its way meanwhile.
type worldClock struct {
	extent native.Extent
	told   uint32    // last
	heard  time.Time // when
	// behind is how much later than the quickest of late the last one came: it is not told that time goes unevenly.
	behind time.Duration
}

// longestWay is for how long after a tick tracks are gone along: who does not hear of the world does not know it.
const longestWay = 500 * time.Millisecond

// hear takes in a time that was told.
func (w *worldClock) hear(told uint32, now time.Time) {
	if told == w.told && !w.heard.IsZero() {
		return
	}
	passed := time.Duration(int32(told-w.told)) * time.Millisecond
	late := w.behind + now.Sub(w.heard) - passed
	const (
		unlikely = time.Second // of one clock, and one way
		settling = 16          // so many ticks it takes to believe that all are late now
	)
	switch {
	case w.heard.IsZero() || late > unlikely || late < -unlikely:
		late = 0
	case late > 0:
		late -= late / settling
	default:
		late = 0
	}
	w.told, w.heard, w.behind = told, now, late
}

// at returns the world's time at a time (ms).
func (w *worldClock) at(now time.Time) uint32 {
	since := min(now.Sub(w.heard), longestWay) + w.behind
	return w.told + uint32(max(0, since)/time.Millisecond)
}

// along returns where a track leads at a time; where it begins when that is yet to come.
func (w *worldClock) along(t *native.Track, now time.Time) native.Place {
	at := w.at(now)
	if int32(at-t.Since) < 0 {
		at = t.Since
	}
	return t.At(at, w.extent)
}
