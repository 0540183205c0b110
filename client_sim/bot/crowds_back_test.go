package bot

import (
	"testing"

	"aoiworld/net/native"
)

// TestNobodyGoesBackInCrowds: who was told of is not told of as of before, unless a key says where its track began.
func TestNobodyGoesBackInCrowds(t *testing.T) {
	follow(t, []crowdRule{
		{"an older place after a newer one", func(q *square) {
			first, second := q.move(2, 21, 21), q.move(2, 22, 22)
			q.tick(func(b []byte) []byte {
				return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(second)}, true)
			})
			q.tick(func(b []byte) []byte { return q.crowd(b, two(first)) })
		}, []Kind{WentBack}},
		{"an older place by a key, and no older one after it", func(q *square) {
			first, second := q.move(2, 21, 21), q.move(2, 22, 22)
			q.tick(func(b []byte) []byte {
				return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(second)}, true)
			})
			key := native.Key{Stream: stream, Time: q.clock + 50, Tracks: []native.Track{
				{Since: q.clock - 50}, {Since: q.clock - 50, Speed: native.Velocity{X: 1}}, {Since: q.clock - 50},
			}}
			members := []native.Member{{Slot: 0, ID: 1, At: q.at(1)}, {Slot: 1, ID: 2, At: first}, {Slot: 2, ID: 3, At: q.at(3)}}
			q.clock += 50
			q.tick(func(b []byte) []byte { return q.crowd(native.AppendKey(b, key, members, nil)) })
			q.clock += 50
			q.tick(func(b []byte) []byte { return q.crowd(b, two(first)) })
		}, []Kind{WentBack}},
		{"an older place by a key, of who has gone nowhere by its track", func(q *square) {
			first, second := q.move(2, 21, 21), q.move(2, 22, 22)
			q.tick(func(b []byte) []byte { return q.crowd(b, two(first)) })
			q.clock += 100
			q.tick(func(b []byte) []byte {
				return native.AppendNear(q.crowd(b), stream, 0, []native.Fix{two(second)}, true)
			})
			q.clock += 100
			key := native.Key{Stream: stream, Time: q.clock, Tracks: []native.Track{
				{Since: q.clock - 200}, {Since: q.clock - 200}, {Since: q.clock - 200},
			}}
			members := []native.Member{{Slot: 0, ID: 1, At: q.at(1)}, {Slot: 1, ID: 2, At: first}, {Slot: 2, ID: 3, At: q.at(3)}}
			q.tick(func(b []byte) []byte { return q.crowd(native.AppendKey(b, key, members, nil)) })
		}, nil},
	})
}
