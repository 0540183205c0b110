package model

import (
	"errors"
	"fmt"
	"math"
)

// ErrWish is wrapped by every error that says why a Wish describes no load.
var ErrWish = errors.New("impossible load")

// Wish is a load that somebody thinks of: players who are spread evenly over a world, and move on their own.
type Wish struct {
	Players        int     `json:"players"`
	MovesPerSecond float64 `json:"movesPerSecond"` // of a player
	// TicksPerSecond is how many there are, early ones included.
	TicksPerSecond float64 `json:"ticksPerSecond"`
	Columns        int     `json:"columns"`
	Rows           int     `json:"rows"`
	ViewRadius     int     `json:"viewRadius"` // cells
	Width          float64 `json:"width"`      // of the world, in its units
	Depth          float64 `json:"depth"`
	// Others is how many other players one has in view, where they are not spread evenly; 0 is evenly.
	Others float64 `json:"others,omitempty"`
}

// Check returns what is impossible about a wish. The error wraps ErrWish.
func (w Wish) Check() error {
	good := func(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
	switch {
	case w.Players < 1:
		return fmt.Errorf("%w: %d players", ErrWish, w.Players)
	case w.Columns < 1 || w.Rows < 1 || w.ViewRadius < 0 || !good(w.Width) || !good(w.Depth):
		return fmt.Errorf("%w: a world of %v × %v units in %d × %d cells, of which %d are seen in each direction",
			ErrWish, w.Width, w.Depth, w.Columns, w.Rows, w.ViewRadius)
	case !good(w.MovesPerSecond) || !good(w.TicksPerSecond):
		return fmt.Errorf("%w: %v moves and %v ticks a second", ErrWish, w.MovesPerSecond, w.TicksPerSecond)
	case !(w.Others >= 0 && w.Others < float64(w.Players)):
		return fmt.Errorf("%w: %v others of %d players", ErrWish, w.Others, w.Players)
	}
	return nil
}

// Counts is what a server does, a second, and the audience of a move.
type Counts struct {
	TicksPerSecond  float64 `json:"ticksPerSecond"`
	FramesPerSecond float64 `json:"framesPerSecond"`
	MovesPerSecond  float64 `json:"movesPerSecond"` // that are applied
	BytesPerSecond  float64 `json:"bytesPerSecond"`
	Audience        float64 `json:"audience"`
}

// visible is how many of n strips of cells one sees, on average, who sees so many in each direction: fewer at the border.
func visible(n, radius int) float64 {
	sum := 0
	for at := range n {
		sum += min(at+radius, n-1) - max(at-radius, 0) + 1
	}
	return float64(sum) / float64(n)
}

// seen is how many cells one sees on average.
func (w *Wish) seen() float64 {
	return visible(w.Columns, w.ViewRadius) * visible(w.Rows, w.ViewRadius)
}

// audience is how many others one has in view.
func (w *Wish) audience() float64 {
	if w.Others > 0 {
		return w.Others
	}
	return float64(w.Players-1) * w.seen() / float64(w.Columns*w.Rows)
}

// counts is what the server does for a wish, but for bytes. Several moves of a player within a tick are one; a player is sent a
// frame in each tick in which anybody in view moves, itself included. How many others are in view is chance (Poisson's).
func (w *Wish) counts() Counts {
	players := float64(w.Players)
	c := Counts{TicksPerSecond: w.TicksPerSecond, Audience: w.audience()}
	moves := min(1, w.MovesPerSecond/w.TicksPerSecond) // of a player in a tick
	c.MovesPerSecond = players * moves * w.TicksPerSecond
	c.FramesPerSecond = players * w.TicksPerSecond * (1 - (1-moves)*math.Exp(-moves*c.Audience))
	return c
}

// borders is how many players there are for each unit between one border of a cell and the next, along both axes together: times
// how many units a second they move along either, it is how many borders are crossed.
func (w *Wish) borders() float64 {
	return float64(w.Players) * (float64(w.Columns)/w.Width + float64(w.Rows)/w.Depth)
}

// spent is the row of what the CPU time is made up of that a server takes while it does so much.
func (w *Wish) spent(c *Counts) []float64 {
	return []float64{c.TicksPerSecond, c.FramesPerSecond, c.MovesPerSecond, c.BytesPerSecond, w.borders()}
}

// sent is the row of what the bytes are made up of that a server sends while it does so much.
func (w *Wish) sent(c *Counts) []float64 {
	players := float64(w.Players)
	moving := c.MovesPerSecond / (players * c.TicksPerSecond) // part of the players in a tick
	inCell := (c.Audience + 1) / w.seen()
	chunks := w.seen() * (1 - math.Exp(-inCell*moving)) // cells in view with anybody who moves, if chance spreads them
	strips := float64(2*w.ViewRadius + 1)               // of cells in view, of which a border that is crossed brings one
	return []float64{
		c.FramesPerSecond, c.FramesPerSecond * chunks, c.MovesPerSecond * (c.Audience + 1),
		w.borders() * c.Audience / strips,
	}
}
