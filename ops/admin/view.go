package admin

import (
	"context"
	"errors"
	"math"
	"net/http"

	"aoiworld/aoi"
	"aoiworld/player"
	"aoiworld/view/press"
	"aoiworld/world"
)

// shown is what a player was shown in a tick.
type shown struct {
	World      string      `json:"world"`
	Tick       uint64      `json:"tick"`
	Player     world.ID    `json:"player"`
	Dialect    string      `json:"dialect"`
	State      string      `json:"state"`
	Cell       aoi.Cell    `json:"cell"`
	LooksFrom  aoi.Cell    `json:"looks_from"` // -1 is none
	Cells      []aoi.Cell  `json:"cells"`
	SeesHidden bool        `json:"sees_hidden"`
	Frame      frame       `json:"frame"`
	Total      int         `json:"total"`
	Entities   []inspected `json:"entities"`
}

// frame is what a player was handed in a tick.
type frame struct {
	Bytes    int     `json:"bytes"`
	Records  int     `json:"records"`
	Other    float64 `json:"other"` // bytes
	SharedBy int     `json:"shared_by"`
}

// inspected is what a player was told of an entity, or why not.
type inspected struct {
	ID     world.ID   `json:"id"`
	Kind   world.Kind `json:"kind"`
	Name   string     `json:"name"`
	X      float32    `json:"x"`
	Z      float32    `json:"z"`
	Cell   aoi.Cell   `json:"cell"` // -1 is none
	InView bool       `json:"in_view"`
	Hidden bool       `json:"hidden"`
	Sent   bool       `json:"sent"`
	Why    string     `json:"why"`
	Bytes  float64    `json:"bytes"`
	Within *int64     `json:"within"` // milliseconds
}

// shownOf returns what a player was shown as it is told of.
func shownOf(i *player.Inspection) shown {
	s := shown{
		World: i.World, Tick: i.Tick, Player: i.Player, Dialect: i.Dialect.String(), State: i.Standing.String(), Cell: i.Cell,
		LooksFrom: i.From, Cells: append([]aoi.Cell{}, i.Cells...), SeesHidden: i.SeesHidden,
		Frame: frame{i.FrameBytes, i.Records, tenths(i.OtherBytes), i.SharedBy},
		Total: i.Total, Entities: make([]inspected, len(i.Entities)),
	}
	for n := range i.Entities {
		e := &i.Entities[n]
		s.Entities[n] = inspected{
			ID: e.ID, Kind: e.Kind, Name: e.Name, X: e.At.X, Z: e.At.Z, Cell: e.Cell, InView: e.InView, Hidden: e.Hidden,
			Sent: e.Why.Sent(), Why: e.Why.String(), Bytes: tenths(e.Bytes),
		}
		if e.Why == press.Waiting {
			millis := e.Within.Milliseconds()
			s.Entities[n].Within = &millis
		}
	}
	return s
}

// tenths rounds a figure.
func tenths(v float64) float64 { return math.Round(v*10) / 10 }

// view answers with what a player was shown.
func (a *api) view(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	id, good := number(r.PathValue("id"), 1, 1<<31-1, 0)
	if !good {
		a.refuse(w, r, noPlayer)
		return
	}
	i, err := a.cfg.Inspect(ctx, world.ID(id))
	switch {
	case err == nil:
		answer(w, http.StatusOK, shownOf(i))
	case errors.Is(err, world.ErrNobody):
		a.refuse(w, r, noPlayer)
	case errors.Is(err, world.ErrInquiries): // which is nothing to log: a page asks again in a moment
		problem{http.StatusServiceUnavailable, "not_in_time", "too many views are asked for at once"}.write(w)
	case errors.Is(err, world.ErrInquiry):
		a.cfg.Log.Error("a view could not be inspected", "player", id, "error", err)
		a.fail(w, r, err)
	default:
		a.refuse(w, r, late)
	}
}
