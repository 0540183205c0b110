package aoi

import (
	"errors"
	"fmt"
	"math"
)

// Cell is the id of a cell: row*columns + column, counted from the corner of the smallest X and Z.
type Cell int32

// None is no cell: where an entity is before it enters the world and after it has left.
const None Cell = -1

// Limits of a grid. maxTable bounds the precomputed neighbourhoods (4 bytes an entry).
const (
	maxCells = 1 << 20
	maxTable = 1 << 25
)

// ErrGrid is wrapped by every error that says why a Config describes no grid.
var ErrGrid = errors.New("impossible grid")

// Bounds is the rectangle of the world in world units, all four borders included.
type Bounds struct {
	MinX, MaxX float64
	MinZ, MaxZ float64
}

// Contains reports whether (x, z) lies inside. NaN lies nowhere.
func (b Bounds) Contains(x, z float32) bool {
	return float64(x) >= b.MinX && float64(x) <= b.MaxX && float64(z) >= b.MinZ && float64(z) <= b.MaxZ
}

// Nearest returns the 32-bit floats next to a point that lies inside the bounds, as they are: rounding does not lead out.
func (b Bounds) Nearest(x, z float64) (nearX, nearZ float32) {
	return inward(x, b.MinX, b.MaxX), inward(z, b.MinZ, b.MaxZ)
}

// inward rounds v to a 32-bit float that does not lie beyond the bounds.
func inward(v, low, high float64) float32 {
	f := float32(v)
	switch {
	case float64(f) > high:
		return math.Nextafter32(f, float32(math.Inf(-1)))
	case float64(f) < low:
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

// Config describes a grid.
type Config struct {
	Bounds  Bounds
	Columns int // cells along X, ≥ 1
	Rows    int // cells along Z, ≥ 1
	Radius  int // cells seen in each direction, ≥ 0; 1 is the nine-cell neighbourhood
}

// Grid is the geometry of a world: immutable, and so safe for everybody to share.
type Grid struct {
	cfg        Config
	width      float64 // of a cell along X, world units
	depth      float64 // of a cell along Z, world units
	neighbours []Cell  // the neighbourhoods of all cells, one after another
	starts     []int32 // where each cell's neighbourhood starts in neighbours; one more at the end
}

// NewGrid returns the grid that cfg describes, or an error that wraps ErrGrid.
func NewGrid(cfg Config) (*Grid, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGrid, err)
	}
	g := &Grid{
		cfg:   cfg,
		width: (cfg.Bounds.MaxX - cfg.Bounds.MinX) / float64(cfg.Columns),
		depth: (cfg.Bounds.MaxZ - cfg.Bounds.MinZ) / float64(cfg.Rows),
	}
	g.starts = make([]int32, 1, g.Cells()+1)
	for c := range Cell(g.Cells()) {
		g.neighbours = g.appendNeighbours(g.neighbours, c)
		g.starts = append(g.starts, int32(len(g.neighbours)))
	}
	return g, nil
}

// check reports what is impossible about the configuration.
func (c Config) check() error {
	b := c.Bounds
	for _, v := range []float64{b.MinX, b.MaxX, b.MinZ, b.MaxZ} {
		if math.IsNaN(v) || math.Abs(v) > math.MaxFloat32 {
			return fmt.Errorf("border %v is no position", v)
		}
	}
	switch {
	case !(b.MinX < b.MaxX) || !(b.MinZ < b.MaxZ):
		return fmt.Errorf("bounds %v..%v × %v..%v are empty", b.MinX, b.MaxX, b.MinZ, b.MaxZ)
	case c.Columns < 1 || c.Rows < 1:
		return fmt.Errorf("%d columns × %d rows", c.Columns, c.Rows)
	case c.Columns > maxCells || c.Rows > maxCells || c.Columns*c.Rows > maxCells:
		return fmt.Errorf("%d × %d cells, at most %d", c.Columns, c.Rows, maxCells)
	case c.Radius < 0:
		return fmt.Errorf("view radius %d", c.Radius)
	case min(c.Columns, 2*c.Radius+1)*min(c.Rows, 2*c.Radius+1)*c.Columns*c.Rows > maxTable:
		return fmt.Errorf("view radius %d on %d × %d cells needs too large a table", c.Radius, c.Columns, c.Rows)
	}
	return nil
}

// appendNeighbours appends the cells around c, in ascending order.
func (g *Grid) appendNeighbours(dst []Cell, c Cell) []Cell {
	column, row := g.columnRow(c)
	r := g.cfg.Radius
	for z := max(0, row-r); z <= min(g.cfg.Rows-1, row+r); z++ {
		for x := max(0, column-r); x <= min(g.cfg.Columns-1, column+r); x++ {
			dst = append(dst, Cell(z*g.cfg.Columns+x))
		}
	}
	return dst
}

// Config returns what the grid was made from.
func (g *Grid) Config() Config { return g.cfg }

// Cells returns the number of cells; their ids are 0 to Cells()-1.
func (g *Grid) Cells() int { return g.cfg.Columns * g.cfg.Rows }

// CellAt returns the cell of a position, or None when it is outside the bounds (or not a number). The arithmetic is part
// of the protocol, for clients that reckon with cells: in 64-bit floats, column floor((x-minX)/((maxX-minX)/columns)) and
// row likewise; the far borders belong to the last column and row.
func (g *Grid) CellAt(x, z float32) Cell {
	if !g.cfg.Bounds.Contains(x, z) {
		return None
	}
	column := min(int((float64(x)-g.cfg.Bounds.MinX)/g.width), g.cfg.Columns-1)
	row := min(int((float64(z)-g.cfg.Bounds.MinZ)/g.depth), g.cfg.Rows-1)
	return Cell(row*g.cfg.Columns + column)
}

// CellBounds returns the borders of a cell.
func (g *Grid) CellBounds(c Cell) Bounds {
	column, row := g.columnRow(c)
	b := g.cfg.Bounds
	return Bounds{
		MinX: b.MinX + float64(column)*g.width, MaxX: b.MinX + float64(column+1)*g.width,
		MinZ: b.MinZ + float64(row)*g.depth, MaxZ: b.MinZ + float64(row+1)*g.depth,
	}
}

// Neighbourhood returns the cells that are seen from c, itself included, in ascending order; nothing for None. The slice
// is shared: do not change it.
func (g *Grid) Neighbourhood(c Cell) []Cell {
	if c == None {
		return nil
	}
	return g.neighbours[g.starts[c]:g.starts[c+1]]
}

// Near reports whether a and b see each other: whether each lies in the neighbourhood of the other. None is near nothing.
func (g *Grid) Near(a, b Cell) bool {
	if a == None || b == None {
		return false
	}
	if a == b {
		return true
	}
	ax, az := g.columnRow(a)
	bx, bz := g.columnRow(b)
	r := g.cfg.Radius
	return ax-bx <= r && bx-ax <= r && az-bz <= r && bz-az <= r
}

// columnRow splits a cell's id.
func (g *Grid) columnRow(c Cell) (column, row int) {
	return int(c) % g.cfg.Columns, int(c) / g.cfg.Columns
}
