package sim

import (
	"aoiworld/aoi"
	dialect "aoiworld/net/native"
	nativepb "aoiworld/pb/native"
	"aoiworld/player"
)

// recut has the next tick cut the world into other cells.
func (s *Sim) recut() {
	p := &s.oracle.plan
	p.columns, p.rows = 1+s.random.IntN(2*s.cfg.Side), 1+s.random.IntN(2*s.cfg.Side)
	s.note("the world is cut into %d columns and %d rows", p.columns, p.rows)
	s.reshape()
}

// minBudget is the least budget of a frame that can be configured (bytes), but none.
const minBudget = 256

// rebudget has the next tick go on with another budget of a frame, or none, in the same cells.
func (s *Sim) rebudget() {
	if s.budget = s.cfg.Budget * s.random.IntN(9) / 4; s.budget > 0 { // none to twice as much
		s.budget = max(s.budget, minBudget)
	}
	s.note("the budget of a frame is %d bytes", s.budget)
	s.reshape()
}

// reshape has the next tick show the world as it is planned.
func (s *Sim) reshape() {
	p := &s.oracle.plan
	s.audience.Configure(player.Settings{
		World: &nativepb.World{Columns: uint32(p.columns), Rows: uint32(p.rows)}, FrameBudget: s.budget, Period: tickTime,
	})
	bounds := aoi.Bounds{MaxX: p.size, MaxZ: p.size}
	if err := s.loop.Regrid(aoi.Config{Bounds: bounds, Columns: p.columns, Rows: p.rows, Radius: 1}); err != nil {
		panic(err) // there are few cells
	}
}

// redescribed takes in what a client is told of a world that was cut anew.
func (c *client) redescribed(payload []byte) error {
	var w nativepb.World
	err := dialect.Parse(payload, &w)
	c.cells, c.native.recut = int(w.Columns*w.Rows), true
	return err
}
