package client

import (
	"aoiworld/net/native"
)

// small is how large the model's world is.
var small = native.Extent{Width: 9, Depth: 9}

// velocity draws how fast somebody goes.
func (c *scene) velocity() native.Velocity {
	return native.Velocity{X: c.number(9, "vx") - 4, Z: c.number(9, "vz") - 4, Y: c.number(3, "vy") - 1}
}

// gather makes a stream a crowded one.
func (c *scene) gather(i int) {
	c.crowds[i] = map[int32]native.Track{}
	for slot, id := range c.streams[i] {
		c.crowds[i][slot] = native.Track{From: c.all[id].at, Since: c.time}
	}
}

// track gives the members in a key tracks.
func (c *scene) track(key *native.Key, members []native.Member) {
	key.Time = c.time
	for _, m := range members {
		t := native.Track{From: m.At, Speed: c.velocity(), Since: c.time - uint32(c.number(5000, "age"))}
		c.crowds[key.Stream][m.Slot] = t
		key.Tracks = append(key.Tracks, t)
	}
}

// anew writes the key of a stream that the viewer knows.
func (c *scene) anew(b []byte, i int) []byte {
	key := native.Key{Stream: int32(i), Epoch: c.epochs[i]}
	var members []native.Member
	var traits []native.Traits
	for slot := range int32(slots) {
		id := c.streams[i][slot]
		if id == 0 {
			continue
		}
		who := c.all[id]
		if t, crowded := c.crowds[i][slot]; crowded {
			who.at = t.From
			c.all[id] = who
		}
		members = append(members, native.Member{Slot: slot, ID: id, At: who.at})
		if who.name != "" {
			traits = append(traits, native.Traits{Slot: slot, Kind: who.kind, Name: who.name})
		}
	}
	if len(members) == 0 {
		c.crowds[i] = nil // there is no telling it
	} else if c.crowds[i] != nil {
		c.track(&key, members)
	}
	return native.AppendKey(b, key, members, traits)
}

// deal gives the members of a stream slots anew, in a new epoch and with whoever enters it in this tick. It tells where they are.
func (c *scene) deal(b []byte, i int) []byte {
	c.epochs[i]++
	key := native.Key{Stream: int32(i), Epoch: c.epochs[i], Time: c.time}
	var members []native.Member
	var traits []native.Traits
	dealt, tracks := map[int32]int32{}, map[int32]native.Track{}
	for old := range int32(slots) {
		id := c.streams[i][old]
		if id == 0 {
			continue
		}
		who, slot := c.all[id], int32(len(members))
		who.at = c.place()
		c.all[id] = who
		members = append(members, native.Member{Slot: slot, ID: id, At: who.at})
		if who.name != "" {
			traits = append(traits, native.Traits{Slot: slot, Kind: who.kind, Name: who.name})
		}
		dealt[slot], tracks[slot] = id, native.Track{From: who.at, Since: c.time}
		key.Tracks = append(key.Tracks, tracks[slot])
	}
	if c.streams[i] = dealt; c.crowds[i] == nil {
		key.Tracks = nil
	} else {
		c.crowds[i] = tracks
	}
	return native.AppendKey(b, key, members, traits)
}

// fixes draws fixes of some of a stream.
func (c *scene) fixes(i int, apply func(id int32, f native.Fix)) (fixes []native.Fix) {
	for slot := range int32(slots) {
		id := c.streams[i][slot]
		if id == 0 || c.number(3, "is told of") > 0 {
			continue
		}
		f := native.Fix{Slot: slot, At: c.place(), Speed: c.velocity()}
		who := c.all[id]
		who.at = f.At
		c.all[id] = who
		fixes = append(fixes, f)
		apply(id, f)
	}
	return fixes
}

// throng draws what is told of a crowded stream, which may be over then.
func (c *scene) throng(b []byte, i int) []byte {
	crowd := native.Crowd{Stream: int32(i), Epoch: c.epochs[i], BoundMillis: uint32(c.number(8, "bound")) * 1000}
	crowd.Fixes = c.fixes(i, func(_ int32, f native.Fix) {
		c.crowds[i][f.Slot] = native.Track{From: f.At, Speed: f.Speed, Since: c.time}
	})
	near := c.fixes(i, func(id int32, _ native.Fix) { c.near[id] = true })
	if crowd.Ends = c.number(4, "ends") == 0; crowd.Ends {
		for slot, id := range c.streams[i] {
			who := c.all[id]
			who.at = c.where(i, slot)
			c.all[id] = who
		}
		c.crowds[i] = nil
	}
	inBits := c.number(2, "in bits") == 0
	return native.AppendNear(native.AppendCrowd(b, &crowd, inBits), crowd.Stream, crowd.Epoch, near, inBits)
}

// checkCrowds holds the crowds that a replica sees against the truth.
func (c *scene) checkCrowds(r *Replica) {
	members := map[uint32]int{}
	for i := range c.crowds {
		if c.crowds[i] != nil {
			members[uint32(i)] = len(c.streams[i])
		}
	}
	n := 0
	for crowd := range r.Crowds() {
		if want, is := members[crowd.Stream]; !is || want != crowd.Members {
			c.t.Fatalf("%d in a crowd in stream %d, want %d: %v", crowd.Members, crowd.Stream, want, is)
		}
		n++
	}
	if n != len(members) {
		c.t.Fatalf("%d crowds, want %d", n, len(members))
	}
}
