package bot

import (
	"math/rand/v2"
	"testing"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/native"
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

// BenchmarkNativeUpdates is the same in the native dialect, in 35 × 35 cells of which nine are in view: for bots with a view of their
// own, and for those who only look on.
func BenchmarkNativeUpdates(b *testing.B) {
	for name, verify := range map[string]bool{"replica": true, "onlooker": false} {
		b.Run(name, func(b *testing.B) { benchmarkNative(b, verify) })
	}
}

func benchmarkNative(b *testing.B, verify bool) {
	const bots, side = 3000, 35
	cfg := Defaults()
	cfg.Verify, cfg.World = verify, World{MaxX: side, MaxZ: side, Columns: side, Rows: side, Radius: 1, Quantum: 0.01}
	f := newFleet(cfg, nil)
	var cells [side * side][]native.Motion // of everybody, From as told last
	all, cellOf, slotOf := make([]*bot, bots), make([]int, bots), make([]int, bots)
	for i := range all {
		all[i] = f.newBot()
		all[i].track.origin.Store(&place{})
		f.known.enter(int32(i+1), all[i].track)
		at := cfg.World.cellAt(all[i].here.x, all[i].here.z)
		cellOf[i] = cfg.World.id(at)
		slotOf[i] = len(cells[cellOf[i]])
		cells[cellOf[i]] = append(cells[cellOf[i]], native.Motion{Slot: int32(slotOf[i])})
	}
	members := make([][]native.Member, len(cells))
	for i, c := range cellOf {
		members[c] = append(members[c], native.Member{Slot: int32(slotOf[i]), ID: int32(i + 1)})
	}
	frame := func(i int, append func(dst []byte, cell int) []byte) {
		dst := native.BeginTick(nil, 1)
		for c := range cells {
			if cfg.World.sees(cell{cellOf[i] % side, cellOf[i] / side}, cell{c % side, c / side}) {
				dst = append(dst, c)
			}
		}
		dst = native.EndFrame(dst, 0)
		if err := all[i].Receive(dst, len(dst)); err != nil {
			b.Fatal(err)
		}
	}
	for i := range all {
		all[i].native.connect()
		all[i].view.self, all[i].view.stage = int32(i+1), awaitSnapshot
		all[i].joined = make(chan struct{})
		frame(i, func(dst []byte, c int) []byte {
			return native.AppendKey(dst, native.Key{Stream: int32(c)}, members[c], nil)
		})
	}
	var near [bots][]int
	for i := range all {
		frame(i, func(dst []byte, c int) []byte { near[i] = append(near[i], c); return dst })
	}
	f.wrong.kept, f.wrong.kinds = nil, map[Kind]int64{}
	order := rand.New(rand.NewPCG(1, 2)).Perm(bots)
	chunks := make([][]byte, len(cells))
	var told int64
	b.ReportAllocs()
	for b.Loop() {
		for i, mover := range all {
			m := &cells[cellOf[i]][slotOf[i]]
			m.From = m.To
			m.To = mover.track.note(mover.here.x, 0, mover.here.z, int(m.From.V+1)%360, f.clock()).rounded(&f.lattice)
		}
		for c := range cells {
			chunks[c] = native.AppendBits(chunks[c][:0], int32(c), 0, cells[c])
		}
		for _, i := range order {
			dst := native.BeginTick(all[i].out[:0], 1)
			for _, c := range near[i] {
				dst = append(dst, chunks[c]...)
			}
			dst = native.EndFrame(dst, 0)
			all[i].out = dst
			if err := all[i].Receive(dst, len(dst)); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.StopTimer()
	for _, v := range all {
		told += v.view.tally.updates
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(told), "ns/update")
}
