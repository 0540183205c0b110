package stream

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aoiworld/aoi"
	"aoiworld/client"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	"aoiworld/view/press"
	"aoiworld/world"
)

// patrol is somebody who walks straight ahead for a while, turns, and goes on at another speed, up hill and down: as the bots do.
type patrol struct {
	at               world.Position
	direction, speed float64       // radians, units a second
	left             float64       // seconds of this leg
	phase            float64       // of the hills, seconds
	due, arrives     time.Duration // the next move, and when it does at the server
	turned           time.Duration // when it did
	moved            uint64        // in which tick
}

// move goes on for a tenth of a second.
func (p *patrol) move(random *rand.Rand, size float64, now time.Duration) world.Position {
	const beat = 0.1
	begin := func(direction float64) {
		p.direction, p.speed, p.left, p.turned = direction, 3+4*random.Float64(), 2+10*random.Float64(), now
	}
	if p.left -= beat; p.left <= 0 {
		begin(p.direction + (2*random.Float64()-1)*2.1)
	}
	x := float64(p.at.X) + p.speed*beat*math.Sin(p.direction)
	z := float64(p.at.Z) + p.speed*beat*math.Cos(p.direction)
	if x <= 0 || x >= size || z <= 0 || z >= size {
		begin(random.Float64() * 2 * math.Pi)
	}
	p.phase += beat
	p.at.X, p.at.Z = float32(max(0, min(x, size))), float32(max(0, min(z, size)))
	p.at.Y = float32(12 - 12*math.Cos(2*math.Pi*p.phase/40))
	p.at.V = float32(int(p.direction*180/math.Pi+3600) % 360)
	return p.at
}

// parade is a crowd that patrols in one cell of 100 x 100 units, in virtual time, and what some who look on are shown.
type parade struct {
	t        testing.TB
	random   *rand.Rand
	world    *world.World
	view     *View
	lattice  native.Lattice
	all      []patrol // by player, less one
	states   []Viewer
	slots    []world.Slot
	replicas map[world.Slot]*client.Replica
	uneven   time.Duration // how late moves and ticks may be
	form     Form
	tick     uint64
	now      time.Duration

	looks map[string][]float64 // errors of tracks (units), by what there is to say of them
}

// paradeSize is the width and depth of the cell (units).
const paradeSize = 100

// newParade returns a crowd of so many who have just come.
func newParade(t testing.TB, players, budget int, uneven time.Duration, form Form) *parade {
	bounds := aoi.Bounds{MaxX: paradeSize, MaxZ: paradeSize}
	w, err := world.New(world.Config{Grid: aoi.Config{Bounds: bounds, Columns: 1, Rows: 1, Radius: 1}, Spawn: bounds, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	lattice := native.Lattice{MaxX: paradeSize, MaxZ: paradeSize, Quantum: 0.01}
	p := &parade{
		t: t, random: rand.New(rand.NewPCG(1, 1)), world: w, lattice: lattice, uneven: uneven, form: form,
		all:   make([]patrol, players),
		view:  New(Config{Grid: w.Grid(), Lattice: lattice, MaxFrame: 1 << 17, Budget: budget, Period: 100 * time.Millisecond}),
		slots: make([]world.Slot, players), replicas: map[world.Slot]*client.Replica{}, looks: map[string][]float64{},
	}
	in := &world.Input{}
	for i := range p.all {
		in.Joins = append(in.Joins, world.Join{Player: world.ID(i + 1), Epoch: 1})
	}
	p.play(in)
	for i := range p.all {
		m := &p.all[i]
		m.direction, m.phase = p.random.Float64()*2*math.Pi, p.random.Float64()*40
		m.due = time.Duration(i) * 100 * time.Millisecond / time.Duration(players)
		m.arrives = m.due + p.late()
	}
	return p
}

// late is by how much something comes late.
func (p *parade) late() time.Duration { return time.Duration(p.random.Float64() * float64(p.uneven)) }

// play plays a tick.
func (p *parade) play(in *world.Input) {
	p.tick++
	in.Tick, in.Now = p.tick, p.now
	out := p.world.Step(in)
	for _, c := range out.Changes {
		p.all[c.Player-1].at = c.At
		if c.Joined() {
			for len(p.states) <= int(c.Slot) {
				p.states = append(p.states, Viewer{})
			}
			p.states[c.Slot] = Viewer{State: press.Ready, Form: p.form}
			p.slots[c.Player-1] = c.Slot
			if c.Player%97 == 0 {
				r := client.NewReplica(nil)
				r.Bound(p.lattice.Extent())
				p.replicas[c.Slot] = r
			}
		}
	}
	p.view.Encode(out, p.states)
	frames, deliveries := p.view.Compose()
	for _, d := range deliveries {
		if r := p.replicas[d.Slot]; r != nil {
			for body := frames[d.Frame].Bytes; len(body) > 0; {
				f, rest, err := wire.Cut(body, 1<<20)
				if err != nil {
					p.t.Fatal(err)
				}
				if body = rest; f.ID == native.IDTick {
					if err := r.Apply(f.Payload); err != nil {
						p.t.Fatal(err)
					}
				}
			}
		}
	}
}

// walk plays a tick of walking.
func (p *parade) walk() {
	const period = 100 * time.Millisecond
	p.now = time.Duration(p.tick)*period + p.late()
	in := &world.Input{}
	for i := range p.all {
		m := &p.all[i]
		for m.arrives <= p.now {
			in.Moves = append(in.Moves, world.Move{
				Player: world.ID(i + 1), Epoch: 1, To: m.move(p.random, paradeSize, p.now), Valid: true, Sequence: uint32(p.tick),
			})
			m.due += period
			m.moved = p.tick + 1
			m.arrives = m.due + p.late()
		}
	}
	p.play(in)
}

// look takes in how far from where they are those are shown who go along their tracks. Of those who did not move in this tick it
// is not known: their moves are under way.
func (p *parade) look() {
	for _, r := range p.replicas {
		for e := range r.All() {
			m := &p.all[e.ID-1]
			track, crowded := r.Track(e)
			if !crowded || r.Near(e) || m.moved != p.tick {
				continue
			}
			at, truth := r.Place(e), p.lattice.Place(m.at.X, m.at.Y, m.at.Z, m.at.V)
			dx, dy, dz := float64(at.X-truth.X), float64(at.Y-truth.Y), float64(at.Z-truth.Z)
			age := time.Duration(r.Time()-track.Since) * time.Millisecond
			since := "straight on since it was told"
			if m.turned > p.now-age {
				since = "turned since it was told"
			}
			whole := age.Truncate(500 * time.Millisecond)
			for _, of := range []string{"all", since, fmt.Sprintf("age %.1f-%.1f s", whole.Seconds(), whole.Seconds()+0.5)} {
				p.looks[of] = append(p.looks[of], p.lattice.Quantum*math.Sqrt(dx*dx+dy*dy+dz*dz))
			}
			p.looks["along the ground"] = append(p.looks["along the ground"], p.lattice.Quantum*math.Hypot(dx, dz))
			p.looks["in height"] = append(p.looks["in height"], p.lattice.Quantum*math.Abs(dy))
		}
	}
}

// percentile returns what so many percent of some figures are at most, and orders them.
func percentile(of []float64, percent int) float64 {
	slices.Sort(of)
	return of[(len(of)-1)*percent/100]
}

// TestTracksLeadWhereMembersGo: of 2,000 who patrol in one cell, 3,200 bytes a frame, those who go along their tracks are where
// they are shown, about, and be it that their moves come unevenly; and all are told of within five seconds. It says (-v) how
// far off they are by the age of their tracks, and by whether they turned meanwhile.
func TestTracksLeadWhereMembersGo(t *testing.T) {
	for _, c := range []struct {
		uneven time.Duration
		p95    float64
	}{{5 * time.Millisecond, 0.4}, {30 * time.Millisecond, 0.6}} {
		p := newParade(t, 2000, 3200, c.uneven, Bits)
		for range 25 {
			p.walk()
			p.look()
		}
		begins := percentile(p.looks["along the ground"], 95) // they set out by a leap to the height of their hills
		clear(p.looks)
		for tick := range 175 {
			if p.walk(); tick >= 35 && tick%5 == 0 {
				p.look()
			}
		}
		t.Logf("moves and ticks up to %v late; told of within %v; along the ground p95 %.2f units in the first 2.5 s; then:", c.uneven,
			p.view.Crowds().Bound, begins)
		all := float64(len(p.looks["all"]))
		for _, of := range slices.Sorted(maps.Keys(p.looks)) {
			errors := p.looks[of]
			t.Logf("%-30s %5.1f %%  p50 %.2f  p95 %.2f  p99 %.2f units", of, 100*float64(len(errors))/all,
				percentile(errors, 50), percentile(errors, 95), percentile(errors, 99))
		}
		if turned := float64(len(p.looks["turned since it was told"])) / all; all < 100_000 || turned < 0.02 {
			t.Errorf("%.0f were looked at, of whom %.3f had turned", all, turned)
		}
		if p95 := percentile(p.looks["all"], 95); p95 > c.p95 {
			t.Errorf("moves up to %v late: tracks are off by %.2f units (p95), at most %.2f are wanted", c.uneven, p95, c.p95)
		}
		if bound := p.view.Crowds().Bound; bound > aggregateAbove {
			t.Errorf("told of within %v", bound)
		}
	}
}

// TestTheTableOfBudgets is what the document says that a budget is enough for: so many told at once, so many in turn, how long it
// takes until all were, at 10 Hz, and how many bytes each takes, in both forms; and what the document's formulas make of that.
func TestTheTableOfBudgets(t *testing.T) {
	budgets := rowsOf(t, `([\d,]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| ([\d.]+) s \| ([\d.]+) s`)
	atOnce, inTurn := rowsOf(t, `at once, budget ([\d,]+) \| (\d+) \| (\d+) \| \d+`), rowsOf(t, `in turn \| (\d+) \| (\d+) \| \d+`)
	if len(budgets) != 3 || len(atOnce) != 3 || len(inTurn) != 1 {
		t.Fatalf("%d rows of budgets, %d and %d of bytes", len(budgets), len(atOnce), len(inTurn))
	}
	for i, says := range budgets {
		budget := says[0]
		bits, columns := tellsOf(t, 1000, int(budget), Bits), tellsOf(t, 1000, int(budget), Columns)
		turns := columns.inTurn
		if bits.inTurn != turns {
			t.Errorf("%v: in turn %v with bits and %v with columns", budget, bits.inTurn, turns)
		}
		found := []float64{budget, budget * 8 * 10 / 1000, bits.atOnce, columns.atOnce, turns, 1000 / (10 * turns), 5000 / (10 * turns)}
		for i := range found {
			if off := math.Abs(says[i] - found[i]); off > 0.05+0.06*found[i] { // the former for one decimal
				t.Errorf("%v: %v, found %.1f", says, says[i], found[i])
			}
		}
		bytes := append(slices.Clone(atOnce[i]), inTurn[0]...)
		for i, found := range []float64{budget, bits.nearBytes, columns.nearBytes, bits.farBytes, columns.farBytes} {
			if off := math.Abs(bytes[i] - found); off > 0.7 { // they are whole
				t.Errorf("bytes %v: %v, found %.1f", bytes, bytes[i], found)
			}
		}
		forAll := max(budget/4, min(budget/2, budget-1000))
		formulas := []float64{
			(budget - 16 - says[4]*bytes[3]) / bytes[1], (budget - 16 - says[4]*bytes[4]) / bytes[2], (forAll - 16) / bytes[3],
		}
		for i, gives := range formulas {
			if says := says[2+i]; math.Abs(says-gives) > 0.1*says {
				t.Errorf("%v: the formula gives %.1f, the table says %v", budget, gives, says)
			}
		}
	}
}

// rowsOf returns the figures in the document's rows of a kind.
func rowsOf(t *testing.T, kind string) (all [][]float64) {
	document, err := os.ReadFile("../../docs/crowds.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range regexp.MustCompile(`(?m)^\| `+kind+` \|$`).FindAllStringSubmatch(string(document), -1) {
		figures := make([]float64, len(row)-1)
		for i := range figures {
			if figures[i], err = strconv.ParseFloat(strings.ReplaceAll(row[i+1], ",", ""), 64); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, figures)
	}
	return all
}

// toldOf is how many of a crowd that walks are told of in a tick, about, and how many bytes each takes.
type toldOf struct{ atOnce, nearBytes, inTurn, farBytes float64 }

// tellsOf returns what a crowd of so many who look on in a form is told.
func tellsOf(t *testing.T, players, budget int, form Form) toldOf {
	p := newParade(t, players, budget, 5*time.Millisecond, form)
	var near, far, nearBytes, farBytes []float64
	for tick := range 80 {
		if p.walk(); tick < 40 {
			continue // they set out
		}
		inTurn, count := float64(len(p.view.crowds.streams[0].mass.told)), 0
		for _, r := range p.replicas {
			for e := range r.All() {
				if r.Near(e) {
					count++
				}
			}
		}
		atOnce := float64(count) / float64(len(p.replicas))
		far, near = append(far, inTurn), append(near, atOnce)
		told := p.view.crowds.told
		farBytes = append(farBytes, (float64(told.far)/float64(players)-farRoom)/inTurn)
		nearBytes = append(nearBytes, float64(told.near)/float64(players)/atOnce)
	}
	return toldOf{percentile(near, 50), percentile(nearBytes, 50), percentile(far, 50), percentile(farBytes, 50)}
}
