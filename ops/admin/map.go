package admin

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"aoiworld/world"
)

// Bounds of a map.
const (
	// maxDots is how many are shown one by one.
	maxDots = 5000
	// maxSquares is into how many squares a side of a map is divided at most.
	maxSquares = 128
	// dotsInUnit is to what parts of a unit positions are rounded.
	dotsInUnit = 100
)

// worldMap is a world from above.
type worldMap struct {
	World    string  `json:"world"`
	Tick     uint64  `json:"tick"`
	TickRate float64 `json:"tick_rate"`
	Bounds   bounds  `json:"bounds"`
	Columns  int     `json:"columns"`
	Rows     int     `json:"rows"`
	Radius   int     `json:"radius"`
	Players  int     `json:"players"`
	Entities int     `json:"entities"`

	load  load
	dots  *dots  // nil where there are too many
	tiles *tiles // nil where there are dots
}

// bounds is where the world ends.
type bounds struct {
	MinX float64 `json:"min_x"`
	MaxX float64 `json:"max_x"`
	MinZ float64 `json:"min_z"`
	MaxZ float64 `json:"max_z"`
}

// load is how many players are in each square of span × span cells.
type load struct {
	span int
	tiles
}

// tiles is how many there are by squares, row by row.
type tiles struct {
	columns, rows int
	counts        []int32
}

// dots are all, column by column: ids that rise, each as the difference to the one before, and places in hundredths of a unit.
type dots struct {
	ids, x, z, kinds []int32
	hidden           []int32 // ids
}

// newTiles returns no one in so many squares.
func newTiles(columns, rows int) tiles {
	return tiles{columns, rows, make([]int32, columns*rows)}
}

// mapOf returns a world from above. The census is shared with others: it is not changed.
func mapOf(c *world.Census) *worldMap {
	g := c.Grid
	m := &worldMap{
		World: c.World, Tick: c.Tick, TickRate: c.Rate,
		Bounds: bounds(g.Bounds), Columns: g.Columns, Rows: g.Rows, Radius: g.Radius,
		Players: c.Players, Entities: len(c.Places), load: loadOf(c),
	}
	if len(c.Places) <= maxDots {
		m.dots = dotsOf(c.Places)
	} else {
		m.tiles = tilesOf(c)
	}
	return m
}

// loadOf counts the players by cells, or by squares of cells where there are too many of those.
func loadOf(c *world.Census) load {
	columns, rows := c.Grid.Columns, c.Grid.Rows
	span := (max(columns, rows) + maxSquares - 1) / maxSquares
	l := load{span: span, tiles: newTiles((columns+span-1)/span, (rows+span-1)/span)}
	for i := range c.Places {
		if p := &c.Places[i]; p.Kind == world.PlayerKind {
			l.counts[int(p.Cell)/columns/span*l.columns+int(p.Cell)%columns/span]++
		}
	}
	return l
}

// tilesOf counts everybody and everything by squares, about as wide as they are deep.
func tilesOf(c *world.Census) *tiles {
	b := c.Grid.Bounds
	width, depth := b.MaxX-b.MinX, b.MaxZ-b.MinZ
	part := func(side float64) int { return max(1, int(math.Round(maxSquares*side/max(width, depth)))) }
	t := newTiles(part(width), part(depth))
	for i := range c.Places {
		at := &c.Places[i].At
		column := min(t.columns-1, int((float64(at.X)-b.MinX)/width*float64(t.columns)))
		row := min(t.rows-1, int((float64(at.Z)-b.MinZ)/depth*float64(t.rows)))
		t.counts[row*t.columns+column]++
	}
	return &t
}

// dotsOf shows everybody and everything.
func dotsOf(places []world.Place) *dots {
	order := make([]int64, len(places)) // the id, and where it is among the places
	for i := range places {
		order[i] = int64(places[i].ID)<<32 | int64(i)
	}
	slices.Sort(order)
	d, last := &dots{}, world.ID(0)
	for _, key := range order {
		p := &places[uint32(key)]
		d.ids = append(d.ids, int32(p.ID-last))
		d.x, d.z = append(d.x, hundredths(p.At.X)), append(d.z, hundredths(p.At.Z))
		d.kinds = append(d.kinds, int32(p.Kind))
		if last = p.ID; p.Layer != world.Public {
			d.hidden = append(d.hidden, int32(p.ID))
		}
	}
	return d
}

// hundredths rounds a coordinate; one that is farther off than can be said is the farthest that can.
func hundredths(v float32) int32 {
	return int32(max(math.MinInt32, min(math.MaxInt32, math.Round(float64(v)*dotsInUnit))))
}

// json returns the map as it is answered. The columns are written as they are, for the general way takes several times as long.
func (m *worldMap) json() []byte {
	head, err := json.Marshal(m)
	if err != nil {
		panic(err) // it is plain data
	}
	b := append(head[:len(head)-1], `,"load":{"span":`...)
	b = m.load.append(append(strconv.AppendInt(b, int64(m.load.span), 10), ','))
	b = append(b, `,"dots":`...)
	if m.dots == nil {
		b = append(b, "null"...)
	} else {
		b = m.dots.append(append(b, '{'))
	}
	b = append(b, `,"tiles":`...)
	if m.tiles == nil {
		b = append(b, "null"...)
	} else {
		b = m.tiles.append(append(b, '{'))
	}
	return append(b, '}')
}

// append appends the fields of the squares, and the end of what they are in.
func (t *tiles) append(b []byte) []byte {
	b = append(strconv.AppendInt(append(b, `"columns":`...), int64(t.columns), 10), ',')
	b = append(strconv.AppendInt(append(b, `"rows":`...), int64(t.rows), 10), ',')
	return append(appendColumn(b, "counts", t.counts), '}')
}

// append appends the fields of the dots, and the end of what they are in.
func (d *dots) append(b []byte) []byte {
	b = append(appendColumn(b, "ids", d.ids), ',')
	b = append(appendColumn(b, "x", d.x), ',')
	b = append(appendColumn(b, "z", d.z), ',')
	b = append(appendColumn(b, "kinds", d.kinds), ',')
	return append(appendColumn(b, "hidden", d.hidden), '}')
}

// appendColumn appends a field of numbers.
func appendColumn(b []byte, name string, column []int32) []byte {
	b = append(append(append(b, '"'), name...), `":[`...)
	for i, n := range column {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, ']')
}

// drawings are the maps that were drawn last, by world: those who ask for one of the same census share it.
type drawings struct {
	mu    sync.Mutex
	drawn map[string]drawn
}

// drawn is a map as it is answered.
type drawn struct {
	of      *world.Census
	content []byte
}

// draw returns the map of a census.
func (m *drawings) draw(c *world.Census) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if have := m.drawn[c.World]; have.of == c {
		return have.content
	}
	content := mapOf(c).json()
	if m.drawn == nil {
		m.drawn = make(map[string]drawn)
	}
	m.drawn[c.World] = drawn{c, content}
	return content
}

// worldMap answers with a world from above.
func (a *api) worldMap(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	worlds, err := a.cfg.Places(ctx)
	if err != nil {
		a.refuse(w, r, late)
		return
	}
	name := r.URL.Query().Get("world")
	i := slices.IndexFunc(worlds, func(c *world.Census) bool { return name == "" || c.World == name })
	if i < 0 {
		a.refuse(w, r, problem{http.StatusNotFound, "not_found", "no world is called so"})
		return
	}
	answerWith(w, http.StatusOK, a.maps.draw(worlds[i]))
}
