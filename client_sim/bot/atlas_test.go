package bot

import (
	"errors"
	"strings"
	"testing"

	nativepb "aoiworld/pb/native"
)

// TestWhichWorldsBotsMayBeToldOf: newcomers of those that there are, have been or are about to be; who is there already of any in
// other cells, unless nobody else is to cut it.
func TestWhichWorldsBotsMayBeToldOf(t *testing.T) {
	was := Defaults().World
	now, soon, foreign, elsewhere := was, was, was, was
	now.Columns, soon.Rows, foreign.Radius, elsewhere.MaxX = 11, 31, 3, 500
	for name, c := range map[string]struct {
		told                          World
		welcomes, hears, hearsLoosely bool
	}{
		"as it is":       {now, true, true, true},
		"as it was":      {was, true, true, true},
		"as it will be":  {soon, true, true, true},
		"in other cells": {foreign, false, false, true},
		"another":        {elsewhere, false, false, false},
	} {
		for _, strict := range []bool{true, false} {
			a := newAtlas(was, strict)
			a.become(now)
			a.expect(soon)
			if a.now() != now {
				t.Fatalf("it is %+v before anybody cut it", a.now())
			}
			if err := a.welcomes(c.told); (err == nil) != c.welcomes || err != nil && !errors.Is(err, errFarewell) {
				t.Errorf("%s, strict %v: welcomes: %v", name, strict, err)
			}
			good := c.hears || c.hearsLoosely && !strict
			if err := a.hears(c.told); (err == nil) != good || err != nil && !errors.Is(err, errFarewell) {
				t.Errorf("%s, strict %v: hears: %v", name, strict, err)
			}
			if foreignNow := c.told == foreign && !strict; foreignNow != (a.now() == foreign) {
				t.Errorf("%s, strict %v: it is %+v", name, strict, a.now())
			}
		}
	}
}

// TestAnotherWorld: who has forgotten a flag is told of it.
func TestAnotherWorld(t *testing.T) {
	told := World{MinX: 85, MaxX: 410.5, MinZ: -75, MaxZ: 400, Columns: 20, Rows: 30, Radius: 2, Quantum: 0.5}
	const want = "its world is --bounds 85,410.5,-75,400 --columns 20 --rows 30 --view-radius 2 --quantum 0.5, the bots"
	if err := newAtlas(Defaults().World, true).welcomes(told); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestAWorldOfBefore that comes again is known once.
func TestAWorldOfBefore(t *testing.T) {
	was := Defaults().World
	other := was
	other.Columns++
	a := newAtlas(was, true)
	for range 3 {
		a.expect(other)
		a.become(other)
		a.become(was)
	}
	if a.now() != was || len(a.known) != 2 {
		t.Errorf("%+v", a.known)
	}
}

func TestTheWorldOfTheNativeDialect(t *testing.T) {
	w := Defaults().World
	a := newAtlas(w, true)
	told := worldOf(&nativepb.World{
		MinX: w.MinX, MaxX: w.MaxX, MinZ: w.MinZ, MaxZ: w.MaxZ, Columns: uint32(w.Columns), Rows: uint32(w.Rows),
		ViewRadius: uint32(w.Radius), Quantum: w.Quantum,
	})
	if err := a.welcomes(told); err != nil {
		t.Error(err)
	}
}
