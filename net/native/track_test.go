package native

import (
	"errors"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	nativepb "aoiworld/pb/native"
)

// drawVelocity draws a velocity.
func drawVelocity(t *rapid.T) Velocity {
	v := rapid.OneOf(rapid.Just(int32(0)), rapid.Int32Range(-500, 500), rapid.Int32Range(-MaxVelocity, MaxVelocity))
	return Velocity{X: v.Draw(t, "vx"), Y: v.Draw(t, "vy"), Z: v.Draw(t, "vz")}
}

// TestKeysOfCrowds: a key with tracks is read as it was written, at any time of the clock, also by the generated code.
func TestKeysOfCrowds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := Key{Stream: 3, Time: rapid.Uint32().Draw(t, "now")}
		var members []Member
		for i := range int32(rapid.IntRange(1, 5).Draw(t, "members")) {
			at, speed := drawPlace(t), drawVelocity(t)
			members = append(members, Member{Slot: i, ID: i + 1, At: at})
			track := Track{From: at, Speed: speed, Since: rapid.Uint32().Draw(t, "since")}
			key.Tracks = append(key.Tracks, track)
		}
		b := AppendKey(nil, key, members, nil)
		var generated nativepb.Tick
		var got Tick
		if err := errors.Join(proto.Unmarshal(b, &generated), got.Parse(b)); err != nil {
			t.Fatal(err)
		}
		tracks := got.Keys[0].Tracks()
		for i, want := range key.Tracks {
			track, err := tracks.Next(members[i].At, key.Time)
			if err != nil || track != want {
				t.Fatalf("track %+v read as %+v: %v", want, track, err)
			}
			four := generated.Keys[0].Tracks[4*i : 4*i+4]
			if track.Since != key.Time-uint32(four[0]) || track.Speed != (Velocity{X: four[1], Z: four[2], Y: four[3]}) {
				t.Fatalf("track %+v is %v", track, four)
			}
		}
		if _, err := tracks.Next(Place{}, 0); !tracks.Empty() || !errors.Is(err, ErrMalformed) {
			t.Fatalf("a track of nobody: %v", err)
		}
	})
}

// TestTrack: where a track leads, by the arithmetic of the document.
func TestTrack(t *testing.T) {
	world := Extent{Width: 32500, Depth: 32500}
	for name, test := range map[string]struct {
		track Track
		now   uint32
		want  Place
	}{
		"at once":         {Track{Place{100, 20, 300, 40}, Velocity{150, 10, -33}, 5000}, 5000, Place{100, 20, 300, 40}},
		"in a millisec":   {Track{Place{100, 20, 300, 40}, Velocity{1000, 999, -1001}, 5000}, 5001, Place{101, 20, 299, 40}},
		"towards zero":    {Track{Place{100, 20, 300, 40}, Velocity{-15, -15, -15}, 5000}, 5100, Place{99, 19, 299, 40}},
		"over midnight":   {Track{Place{100, 20, 300, 40}, Velocity{150, 0, 0}, math.MaxUint32 - 499}, 500, Place{250, 20, 300, 40}},
		"to the border":   {Track{Place{100, 20, 300, 40}, Velocity{-150, 0, 99999}, 0}, 1000, Place{0, 20, 32500, 40}},
		"up and away":     {Track{Place{Y: MaxSteps - 1}, Velocity{Y: 9}, 0}, 1000, Place{Y: MaxSteps}},
		"down and away":   {Track{Place{Y: 1 - MaxSteps}, Velocity{Y: -9}, 0}, 1000, Place{Y: -MaxSteps}},
		"for 49 days":     {Track{Place{X: 5}, Velocity{MaxVelocity, MaxVelocity, -MaxVelocity}, 1}, 0, Place{X: 32500, Y: MaxSteps}},
		"who stands, too": {Track{Place{1, 2, 3, 4}, Velocity{}, 77}, 76, Place{1, 2, 3, 4}},
	} {
		if got := test.track.At(test.now, world); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
	l := Lattice{MinX: 85, MaxX: 410, MinZ: -75, MaxZ: 400.005, Quantum: 0.01}
	if got := l.Extent(); got != (Extent{32500, 47500}) {
		t.Errorf("a world of %+v", got)
	}
	if got := (Velocity{5, math.MinInt32, math.MaxInt32}).Bounded(); got != (Velocity{5, -MaxVelocity, MaxVelocity}) {
		t.Errorf("bounded to %+v", got)
	}
}

// TestTrackInFloats: 64-bit floats, which are all that some languages have, lead to the same place.
func TestTrackInFloats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		track := Track{From: drawPlace(t), Speed: drawVelocity(t), Since: rapid.Uint32().Draw(t, "since")}
		now, e := rapid.Uint32().Draw(t, "now"), Extent{Width: MaxSteps, Depth: MaxSteps}
		way := func(from, v int32, low float64) int32 {
			return int32(max(low, min(float64(from)+math.Trunc(float64(v)*float64(now-track.Since)/1000), MaxSteps)))
		}
		want := Place{
			X: way(track.From.X, track.Speed.X, 0), Y: way(track.From.Y, track.Speed.Y, -MaxSteps),
			Z: way(track.From.Z, track.Speed.Z, 0), V: track.From.V,
		}
		if got := track.At(now, e); got != want {
			t.Fatalf("%+v, in floats %+v", got, want)
		}
	})
}
