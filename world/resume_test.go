package world

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"aoiworld/aoi"
)

// TestResumeHandsAPlayerOver: from the resume on, commands of the session before are dropped, and nobody else notices.
func TestResumeHandsAPlayerOver(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Tick: 1, Joins: joins(1)})
	late := Move{Player: 1, Epoch: 1, To: at(9, 9), Valid: true}
	out := step(w, &Input{
		Tick: 2, Resumes: []Resume{{Player: 1, Epoch: 2}, {Player: 1, Epoch: 2}, {Player: 7, Epoch: 2}},
		Moves: []Move{late}, Leaves: []Leave{{Player: 1, Epoch: 1}},
	})
	if len(out.Changes) != 0 || out.Dropped != 4 {
		t.Errorf("changes %v, %d dropped", out.Changes, out.Dropped)
	}
	if diff := cmp.Diff([]Resumed{{Player: 1}}, out.Resumed); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
	out = step(w, &Input{Tick: 3, Moves: []Move{{Player: 1, Epoch: 2, To: at(6, 6), Valid: true, Sequence: 5}}})
	if len(out.Changes) != 1 || out.Changes[0].At != at(6, 6) || out.Changes[0].Sequence != 5 || len(out.Resumed) != 0 {
		t.Errorf("the new session's move: %+v", out.Changes)
	}
	out = step(w, &Input{Tick: 4, Resumes: []Resume{{Player: 1, Epoch: 3}}, Leaves: []Leave{{Player: 1, Epoch: 3}}})
	if len(out.Resumed) != 0 || len(out.Departed) != 1 {
		t.Errorf("resumed %v, departed %v", out.Resumed, out.Departed)
	}
}

// TestNamesAreMarked: a name is shown from the join on, and is part of the state.
func TestNamesAreMarked(t *testing.T) {
	w := mustNew(t, small())
	out := step(w, &Input{Tick: 1, Joins: []Join{{Player: 1, Epoch: 1, Name: "Ann"}, {Player: 2, Epoch: 1}}})
	if diff := cmp.Diff([]Mark{{Player: 1, Name: "Ann"}}, out.Marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	restored, err := Restore(w.cfg, w.AppendState(nil))
	if err != nil {
		t.Fatal(err)
	}
	if restored.entityAt(restored.index[1]).Name != "Ann" || restored.Hash() != w.Hash() {
		t.Error("the name was not restored")
	}
}

// TestGestures: they are shown where they were made, but for those of who came and left in one tick.
func TestGestures(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Tick: 1, Joins: joins(1)})
	wave := func(p ID, n int32) Gesture { return Gesture{Player: p, Epoch: 1, Number: n} }
	out := step(w, &Input{
		Tick: 2, Joins: joins(2), Moves: []Move{{Player: 1, Epoch: 1, To: at(15, 5), Valid: true}},
		Gestures: []Gesture{wave(1, -3), wave(2, 4), wave(9, 1)}, Leaves: []Leave{leave(2)},
	})
	if diff := cmp.Diff([]Gestured{{Gesture: wave(1, -3), Cell: 1}}, out.Gestures); diff != "" || out.Dropped != 1 {
		t.Errorf("%d dropped, gestures (-want +got):\n%s", out.Dropped, diff)
	}
}

// TestChatKnowsWhereAndWho: what is said carries the name and the cell of who says it.
func TestChatKnowsWhereAndWho(t *testing.T) {
	w := mustNew(t, small())
	step(w, &Input{Tick: 1, Joins: []Join{{Player: 1, Epoch: 1, Name: "Ann"}}})
	said := Chat{Player: 1, Epoch: 1, Reach: ToNear, Text: "psst"}
	out := step(w, &Input{Tick: 2, Moves: []Move{{Player: 1, Epoch: 1, To: at(5, 15), Valid: true}}, Chats: []Chat{said}})
	cell := w.Grid().CellAt(5, 15)
	if diff := cmp.Diff([]Said{{Chat: said, Name: "Ann", Cell: cell}}, out.Chats); diff != "" || cell == aoi.Cell(0) {
		t.Errorf("chats (-want +got):\n%s", diff)
	}
}
