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

// meadow is a world of bots, of whom each is told of all who are near.
type meadow struct {
	b              testing.TB
	fleet          *fleet
	all            []*bot
	cells          [][]native.Motion // of everybody, From as told last
	cellOf, slotOf []int
	near           [][]int // cells
}

// newMeadow returns a meadow of so many bots, and so many cells along each side, in which everybody has joined.
func newMeadow(b testing.TB, verify bool, bots, side int) *meadow {
	cfg := Defaults()
	cfg.Verify = verify
	cfg.World = World{MaxX: float64(side), MaxZ: float64(side), Columns: side, Rows: side, Radius: 1, Quantum: 0.01}
	m := &meadow{
		b: b, fleet: newFleet(cfg, nil), all: make([]*bot, bots), cells: make([][]native.Motion, side*side),
		cellOf: make([]int, bots), slotOf: make([]int, bots), near: make([][]int, bots),
	}
	members := make([][]native.Member, len(m.cells))
	for i := range m.all {
		m.all[i] = m.fleet.newBot()
		m.all[i].track.origin.Store(&place{})
		m.fleet.known.enter(int32(i+1), m.all[i].track)
		c := cfg.World.id(cfg.World.cellAt(m.all[i].here.x, m.all[i].here.z))
		m.cellOf[i], m.slotOf[i] = c, len(m.cells[c])
		m.cells[c] = append(m.cells[c], native.Motion{Slot: int32(m.slotOf[i])})
		members[c] = append(members[c], native.Member{Slot: int32(m.slotOf[i]), ID: int32(i + 1)})
	}
	for i, bot := range m.all {
		for c := range m.cells {
			if cfg.World.sees(cell{m.cellOf[i] % side, m.cellOf[i] / side}, cell{c % side, c / side}) {
				m.near[i] = append(m.near[i], c)
			}
		}
		bot.native.connect()
		bot.view.self, bot.view.stage = int32(i+1), awaitSnapshot
		bot.joined = make(chan struct{})
		m.tell(i, func(dst []byte, c int) []byte {
			return native.AppendKey(dst, native.Key{Stream: int32(c)}, members[c], nil)
		})
	}
	m.fleet.wrong.kept, m.fleet.wrong.kinds = nil, map[Kind]int64{}
	return m
}

// tell sends a bot a tick with what is appended of each cell in its view.
func (m *meadow) tell(i int, append func(dst []byte, cell int) []byte) {
	bot := m.all[i]
	dst := native.BeginTick(bot.out[:0], 1)
	for _, c := range m.near[i] {
		dst = append(dst, c)
	}
	bot.out = native.EndFrame(dst, 0)
	if err := bot.Receive(bot.out, len(bot.out)); err != nil {
		m.b.Fatal(err)
	}
}

// move moves everybody a little.
func (m *meadow) move() {
	for i, mover := range m.all {
		step := &m.cells[m.cellOf[i]][m.slotOf[i]]
		step.From = step.To
		noted := mover.track.note(mover.here.x, 0, mover.here.z, int(step.From.V+1)%360, m.fleet.clock())
		step.To = noted.rounded(&m.fleet.lattice)
	}
}

func benchmarkNative(b *testing.B, verify bool) {
	m := newMeadow(b, verify, 3000, 35)
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(m.all))
	chunks := make([][]byte, len(m.cells))
	b.ReportAllocs()
	for b.Loop() {
		m.move()
		for c := range m.cells {
			chunks[c] = native.AppendBits(chunks[c][:0], int32(c), 0, m.cells[c])
		}
		for _, i := range order {
			m.tell(i, func(dst []byte, c int) []byte { return append(dst, chunks[c]...) })
		}
	}
	b.StopTimer()
	var told int64
	for _, v := range m.all {
		told += v.view.tally.updates
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(told), "ns/update")
}
