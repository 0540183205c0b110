package admin

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"aoiworld/player"
	"aoiworld/world"
)

const (
	// usualPage and largestPage are how many players are listed at once.
	usualPage, largestPage = 100, 1000
	// patience is how long the worlds have to say where everybody is. A world that does not tick keeps nobody from seeing who is
	// in it.
	patience = time.Second
)

// person is a player as it is told of.
type person struct {
	ID        world.ID  `json:"id"`
	Name      string    `json:"name"`
	Account   string    `json:"account"`
	Roles     []string  `json:"roles"`
	Address   string    `json:"address"`
	Transport string    `json:"transport"`
	Dialect   string    `json:"dialect"`
	State     string    `json:"state"`
	Since     time.Time `json:"since"`
	Detached  bool      `json:"detached"`
	Muted     bool      `json:"muted"`
	Link      link      `json:"link"`
	Place     *place    `json:"place"`
}

// link is how the way to a client stands.
type link struct {
	Sent      uint64 `json:"sent"`   // bytes
	Queued    int    `json:"queued"` // bytes
	LagTicks  int    `json:"lag_ticks"`
	LagMillis int64  `json:"lag_millis"`
}

// place is where a player is.
type place struct {
	World   string  `json:"world"`
	Tick    uint64  `json:"tick"`
	Cell    int32   `json:"cell"`
	X       float32 `json:"x"`
	Y       float32 `json:"y"`
	Z       float32 `json:"z"`
	Heading float32 `json:"heading"`
	Hidden  bool    `json:"hidden"`
}

// page is a part of the players.
type page struct {
	Players []person `json:"players"`
	// Total is how many there are that are searched for, Next the id to go on after, or null.
	Total int       `json:"total"`
	Next  *world.ID `json:"next"`
}

// personOf returns a player as it is told of.
func personOf(p player.Presence) person {
	return person{
		ID: p.Player, Name: p.Name, Account: p.Account, Roles: p.Roles.Names(), Address: p.Remote.String(),
		Transport: p.Transport.String(), Dialect: p.Dialect.String(), State: p.State.String(), Since: p.Since.UTC(),
		Detached: p.Detached, Muted: p.Muted,
		Link: link{p.Link.Sent, p.Link.Queued, p.Link.Missed, p.Link.Behind.Milliseconds()},
	}
}

// locate says of players where they are, as far as the worlds tell in time.
func (a *api) locate(ctx context.Context, all []person) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	worlds, err := a.cfg.Places(ctx)
	if err != nil {
		return // then nobody knows
	}
	index := make(map[world.ID]*person, len(all))
	for i := range all {
		index[all[i].ID] = &all[i]
	}
	for _, w := range worlds {
		for _, p := range w.Places {
			if who := index[p.ID]; who != nil {
				who.Place = &place{
					World: w.World, Tick: w.Tick, Cell: int32(p.Cell), X: p.At.X, Y: p.At.Y, Z: p.At.Z, Heading: p.At.V,
					Hidden: p.Layer != world.Public,
				}
			}
		}
	}
}

// players answers with some of the players.
func (a *api) players(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, good := number(query.Get("after"), 0, 1<<31-1, 0)
	limit, fits := number(query.Get("limit"), 1, largestPage, usualPage)
	if !good || !fits {
		a.refuse(w, r, problem{http.StatusBadRequest, "invalid", "want an id in after, and 1 to 1000 in limit"})
		return
	}
	all := a.cfg.Players()
	if search := query.Get("search"); search != "" {
		all = slices.DeleteFunc(all, func(p player.Presence) bool { return !found(p, search) })
	}
	answered := page{Players: []person{}, Total: len(all)}
	all = slices.DeleteFunc(all, func(p player.Presence) bool { return int(p.Player) <= after })
	for _, p := range all[:min(limit, len(all))] {
		answered.Players = append(answered.Players, personOf(p))
	}
	if len(all) > limit {
		answered.Next = &all[limit-1].Player
	}
	if len(answered.Players) > 0 {
		a.locate(r.Context(), answered.Players)
	}
	answer(w, http.StatusOK, answered)
}

// number returns a whole number that is written in a request, or the usual one where nothing is.
func number(text string, low, high, usual int) (n int, good bool) {
	if text == "" {
		return usual, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= low && n <= high
}

// found reports whether somebody is searched for: by a part of the name or the account, in whatever case, the beginning of the
// address, or the id.
func found(p player.Presence, search string) bool {
	holds := func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(search)) }
	return holds(p.Name) || holds(p.Account) || strings.HasPrefix(p.Remote.String(), search) ||
		strconv.Itoa(int(p.Player)) == search
}

// player answers with one player.
func (a *api) player(w http.ResponseWriter, r *http.Request) {
	id, good := number(r.PathValue("id"), 1, 1<<31-1, 0)
	p, here := a.cfg.Player(world.ID(id))
	if !good || !here {
		a.refuse(w, r, noPlayer)
		return
	}
	one := []person{personOf(p)}
	a.locate(r.Context(), one)
	answer(w, http.StatusOK, one[0])
}

// figures answers with what charts need.
func (a *api) figures(w http.ResponseWriter, r *http.Request) {
	since, good := number(r.URL.Query().Get("since"), 0, 1<<53-1, 0)
	if !good {
		a.refuse(w, r, problem{http.StatusBadRequest, "invalid", "want the number of a sample in since"})
		return
	}
	answer(w, http.StatusOK, a.cfg.Figures(uint64(since)))
}

// status answers with how the server stands.
func (a *api) status(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, a.cfg.Status())
}
