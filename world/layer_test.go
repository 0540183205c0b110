package world

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aoiworld/aoi"
)

// in is a command that takes its player into a layer.
func in(t *testing.T, layer Layer) do {
	return func(tx *Tx, by Entity) {
		if err := tx.SetLayer(by.ID, layer); err != nil {
			t.Error(err)
		}
	}
}

// TestLayers: what a tick does to who hides and shows itself, and what of it is the public's business.
func TestLayers(t *testing.T) {
	hide, show := in(t, Hidden), in(t, Public)
	public, hidden := Join{Player: 1, Epoch: 1, Sees: Hidden}, Join{Player: 1, Epoch: 1, Layer: Hidden}
	act := func(all ...do) (acts []Act) {
		for _, d := range all {
			acts = append(acts, Act{Player: 1, Epoch: 1, Command: d})
		}
		return acts
	}
	cross, quit := []Move{move(1, 15, 5)}, []Leave{leave(1)}
	type cells [2]aoi.Cell // before and after
	type layers [2]Layer
	const none = aoi.None
	for name, test := range map[string]struct {
		join   Join
		in     Input
		cells  cells
		layers layers
		public cells
	}{
		"hide":                {public, Input{Acts: act(hide)}, cells{0, 0}, layers{Public, Hidden}, cells{0, none}},
		"show":                {hidden, Input{Acts: act(show)}, cells{0, 0}, layers{Hidden, Public}, cells{none, 0}},
		"cross hidden":        {hidden, Input{Moves: cross}, cells{0, 1}, layers{Hidden, Hidden}, cells{none, none}},
		"cross and hide":      {public, Input{Moves: cross, Acts: act(hide)}, cells{0, 1}, layers{Public, Hidden}, cells{0, none}},
		"cross and show":      {hidden, Input{Moves: cross, Acts: act(show)}, cells{0, 1}, layers{Hidden, Public}, cells{none, 1}},
		"hide and leave":      {public, Input{Acts: act(hide), Leaves: quit}, cells{0, none}, layers{Public, Hidden}, cells{0, none}},
		"show and leave":      {hidden, Input{Acts: act(show), Leaves: quit}, cells{0, none}, layers{Hidden, Public}, cells{none, none}},
		"leave hidden":        {hidden, Input{Leaves: quit}, cells{0, none}, layers{Hidden, Hidden}, cells{none, none}},
		"hide, and then show": {public, Input{Acts: act(hide, show)}, cells{0, 0}, layers{Public, Public}, cells{0, 0}},
		"hide, cross, leave": {
			public, Input{Moves: cross, Acts: act(hide), Leaves: quit}, cells{0, none}, layers{Public, Hidden}, cells{0, none},
		},
	} {
		w := mustNew(t, small())
		step(w, &Input{Joins: []Join{test.join}})
		out := step(w, &test.in)
		if len(out.Changes) != 1 {
			t.Errorf("%s: changes %+v", name, out.Changes)
			continue
		}
		c := out.Changes[0]
		if (cells{c.Before, c.After}) != test.cells || (layers{c.LayerBefore, c.Layer}) != test.layers || c.Sees != Hidden {
			t.Errorf("%s: %+v", name, c)
		}
		if p := c.Public(); (cells{p.Before, p.After}) != test.public {
			t.Errorf("%s: to the public %v to %v, want %v", name, p.Before, p.After, test.public)
		}
	}
}

// TestJoiningHidden: a join that begins hidden, or hides in its own tick, is none for the public; who joins hidden sees itself.
func TestJoiningHidden(t *testing.T) {
	hide := Act{Player: 2, Epoch: 1, Command: in(t, Hidden)}
	w := mustNew(t, small())
	out := step(w, &Input{
		Joins: []Join{
			{Player: 1, Epoch: 1, Layer: Hidden}, {Player: 2, Epoch: 1, Sees: Hidden}, {Player: 3, Epoch: 1, Layer: 9, Sees: 99},
		},
		Acts: []Act{hide},
	})
	if len(out.Changes) != 3 {
		t.Fatalf("%+v", out.Changes)
	}
	for _, c := range out.Changes {
		p := c.Public()
		if !c.Joined() || !p.Joined() || !p.Left() || c.LayerBefore != Hidden || c.Layer != Hidden || c.Sees != Hidden {
			t.Errorf("%+v", c)
		}
	}
}

// TestWhoMayBeHidden: players see themselves, or the change is refused; what a game spawned can be anywhere.
func TestWhoMayBeHidden(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{IDs: someIDs, Joins: []Join{join(1), {Player: 2, Epoch: 1, Layer: Hidden}}})
	before := w.Hash()
	step(w, new(by(1, func(tx *Tx, _ Entity) {
		for name, err := range map[string]error{
			"a player who would not see itself": tx.SetLayer(1, Hidden), "no layer": tx.SetLayer(2, Layers),
		} {
			if !errors.Is(err, ErrLayer) {
				t.Errorf("%s: error %v", name, err)
			}
		}
		if err := tx.SetLayer(9, Hidden); !errors.Is(err, ErrNobody) {
			t.Errorf("nobody: error %v", err)
		}
	})))
	if w.Hash() != before {
		t.Error("what is refused has changed the world")
	}
	step(w, new(by(1, func(tx *Tx, _ Entity) {
		id, _ := tx.Spawn(WandererKind, at(5, 5))
		if err := tx.SetLayer(id, Hidden); err != nil {
			t.Error(err)
		}
		if e, _ := tx.Entity(id); e.Layer != Hidden || e.Sees != Public {
			t.Errorf("%+v", e)
		}
		if near := tx.Near(1); len(near) != 0 {
			t.Errorf("1 sees %+v", near)
		}
		if near := tx.Near(2); len(near) != 2 {
			t.Errorf("2 sees %+v", near)
		}
	})))
	if w.Hash() == before {
		t.Error("the layer is not in the hash")
	}
}

// TestWhatIsSaidHasALayer: the one in which its speaker was as it spoke.
func TestWhatIsSaidHasALayer(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Joins: []Join{join(1), {Player: 2, Epoch: 1, Layer: Hidden}}})
	show := func(tx *Tx, by Entity) {
		_ = tx.Announce(by.ID, Message{ID: 10_000})
		_ = tx.SetLayer(by.ID, Public)
		_ = tx.Announce(by.ID, Message{ID: 10_000})
	}
	out := step(w, &Input{
		Chats: []Chat{chat(1, "a"), chat(2, "b")}, Gestures: []Gesture{{Player: 1, Epoch: 1}, {Player: 2, Epoch: 1}},
		Acts: []Act{{Player: 2, Epoch: 1, Command: do(show)}},
	})
	got := []Layer{
		out.Chats[0].Layer, out.Chats[1].Layer, out.Gestures[0].Layer, out.Gestures[1].Layer, out.Told[0].Layer, out.Told[1].Layer,
	}
	if diff := cmp.Diff([]Layer{Public, Hidden, Public, Hidden, Hidden, Public}, got); diff != "" {
		t.Error(diff)
	}
}
