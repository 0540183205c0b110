package bot

import (
	"math/rand/v2"
	"testing"
	"time"

	"aoiworld/net/classic"
)

// BenchmarkUpdates is what a received update costs besides the system calls: 3,000 bots, each with 20 others in view,
// who all have moved once more.
func BenchmarkUpdates(b *testing.B) {
	const bots, audience = 3000, 20
	cfg := classicDefaults()
	f := newFleet(cfg, nil)
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]*bot, bots)
	for i := range all {
		all[i] = f.newBot()
		all[i].Receive(welcome(int32(i+1), place{100, 0, 100, 0}), 0)
	}
	others := make([][]int, bots)
	for i, viewer := range all {
		for range audience {
			others[i] = append(others[i], (i+1+random.IntN(bots-1))%bots)
		}
		var e classic.Encoder
		for _, o := range others[i] {
			if viewer.view.shown.find(int32(o+1)) == nil {
				viewer.Receive(e.AppendAppear(nil, int32(o+1), 100, 0, 100, 0), 0)
			}
		}
	}
	order := random.Perm(bots)
	frame, places := make([]byte, 0, 4096), make([]place, len(all))
	b.ReportAllocs()
	for b.Loop() {
		for i, mover := range all {
			places[i] = mover.track.note(float32(i), 0, 0, 90, time.Duration(i))
		}
		for _, i := range order {
			frame = frame[:0]
			for _, o := range others[i] {
				p := places[o]
				frame = classic.Encoder{}.AppendMoved(frame, int32(o+1), p.x, p.y, p.z, p.v)
			}
			all[i].Receive(frame, len(frame))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*bots*audience), "ns/update")
	if f.wrong.total() > 0 {
		b.Fatal(f.wrong.kept[0])
	}
}

// welcome is what a newcomer is told that finds nobody.
func welcome(id int32, at place) []byte {
	var e classic.Encoder
	b := e.AppendWelcome(nil, id)
	b = e.AppendAppear(b, id, at.x, at.y, at.z, at.v)
	entry := e.AppendSnapshotEntry(nil, id, at.x, at.y, at.z, at.v)
	return append(e.AppendSnapshotHeader(b, len(entry)), entry...)
}
