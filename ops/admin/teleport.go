package admin

import (
	"context"
	"errors"
	"net/http"

	"aoiworld/world"
)

// teleported is where a player was taken.
type teleported struct {
	Player  world.ID `json:"player"`
	World   string   `json:"world"`
	Tick    uint64   `json:"tick"`
	X       float32  `json:"x"`
	Y       float32  `json:"y"`
	Z       float32  `json:"z"`
	Heading float32  `json:"heading"`
}

// destination is where a player is to be taken; what is nil stays as it is.
type destination struct {
	Player  world.ID `json:"player"`
	X       *float32 `json:"x"`
	Y       *float32 `json:"y"`
	Z       *float32 `json:"z"`
	Heading *float32 `json:"heading"`
}

// from returns the place that is meant, for somebody who is at another one.
func (d destination) from(at world.Position) world.Position {
	for _, c := range []struct {
		to    *float32
		wants *float32
	}{{&at.X, d.X}, {&at.Y, d.Y}, {&at.Z, d.Z}, {&at.V, d.Heading}} {
		if c.wants != nil {
			*c.to = *c.wants
		}
	}
	return at
}

// teleport takes a player elsewhere.
func (a *api) teleport(w http.ResponseWriter, r *http.Request) {
	var d destination
	err := read(r, &d)
	if err == nil && (d.Player < 1 || d.X == nil || d.Z == nil) {
		err = problem{http.StatusBadRequest, "invalid", "want a player, x and z"}
	}
	var done teleported
	if err == nil {
		done, err = a.take(r.Context(), d)
	}
	if errors.Is(err, late) && done.World != "" { // it may come about all the same
		a.cfg.Log.Warn("moderation failed", "action", "teleport", "by", by(r), "player", done.Player, "world", done.World,
			"x", done.X, "y", done.Y, "z", done.Z, "error", err)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.cfg.Log.Info("moderation", "action", "teleport", "by", by(r), "player", done.Player, "world", done.World,
		"x", done.X, "y", done.Y, "z", done.Z, "tick", done.Tick)
	answer(w, http.StatusOK, done)
}

// take takes a player to a destination. The error is a problem, or what went wrong.
func (a *api) take(ctx context.Context, d destination) (teleported, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	worlds, err := a.cfg.Places(ctx)
	if err != nil {
		return teleported{}, late
	}
	for _, c := range worlds {
		for i := range c.Places {
			if p := &c.Places[i]; p.ID == d.Player && p.Kind == world.PlayerKind {
				to := d.from(p.At)
				tick, err := a.cfg.Teleport(ctx, c.World, p.ID, to)
				return teleported{p.ID, c.World, tick, to.X, to.Y, to.Z, to.V}, refusedBy(err)
			}
		}
	}
	return teleported{}, noPlayer
}

// refusedBy says why a world did not do what was asked: by a problem, nil, or what went wrong.
func refusedBy(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, world.ErrNobody):
		return noPlayer
	case errors.Is(err, world.ErrPosition):
		return problem{http.StatusBadRequest, "invalid", "nobody can be there"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, world.ErrOrderBusy):
		return late
	}
	return err
}
