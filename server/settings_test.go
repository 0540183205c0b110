package server

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	goclient "aoiworld/client"
	"aoiworld/conf"
	"aoiworld/pb"
)

// amend changes settings of a server, which must be possible.
func amend(t testing.TB, m *Server, sets ...string) {
	t.Helper()
	changed, err := m.Amend(sets)
	if err != nil || len(changed) != len(sets) {
		t.Fatalf("%v changed %v, %v", sets, changed, err)
	}
}

// left reads until a player has left the view.
func (c *client) left(pid int32) {
	c.t.Helper()
	for {
		m := c.next()
		var gone pb.SyncPID
		if m.id != 201 {
			continue
		}
		if err := proto.Unmarshal(m.bytes[8:], &gone); err != nil {
			c.t.Fatal(err)
		}
		if gone.PID == pid {
			return
		}
	}
}

// TestRegridOverTheNetwork: whoever is connected stays so while the world is cut into other cells, and sees who is near by them.
func TestRegridOverTheNetwork(t *testing.T) {
	m := start(t, "world.columns=10", "world.rows=20")
	near, far := dial(t, m, "tcp"), dial(t, m, "ws")
	here := near.join()
	there := far.join()
	far.move(400, 390)
	far.await(there, 400, 390)
	near.left(there)
	c, events, err := dialNative(t, m, goclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	until(t, events, goclient.Appeared)
	for range 3 {
		amend(t, m, "world.columns=1", "world.rows=1", "world.tick_rate=50")
		near.await(there, 400, 390)
		until(t, events, goclient.Reshaped)
		for until(t, events, goclient.Appeared).Entity.ID != there {
		}
		if w := c.World(); w.Columns != 1 || w.Rows != 1 || w.TickRate != 50 {
			t.Errorf("the client knows of %v", w)
		}
		amend(t, m, "world.columns=10", "world.rows=20", "world.tick_rate=60")
		near.left(there)
		far.left(here)
		for until(t, events, goclient.Left).Entity.ID != there {
		}
	}
	if w := c.World(); w.Columns != 10 || w.Rows != 20 {
		t.Errorf("the client knows of %v", w)
	}
	late, _, err := dialNative(t, m, goclient.Config{})
	if err != nil || late.World().Columns != 10 {
		t.Errorf("who comes later knows of %v, %v", late.World(), err)
	}
}

// TestNewLimitsAreForNewConnections: who is connected goes on by the limits it was told.
func TestNewLimitsAreForNewConnections(t *testing.T) {
	m := start(t)
	before, events, err := dialNative(t, m, goclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	amend(t, m, "limits.chat_max_bytes=5", "limits.connections=2")
	after, refused, err := dialNative(t, m, goclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*goclient.Client{before, after} {
		if err := c.Say("more than five bytes"); err != nil {
			t.Fatal(err)
		}
	}
	until(t, refused, goclient.Refused)
	if e := until(t, events, goclient.Chatted); e.Text != "more than five bytes" {
		t.Errorf("said %q", e.Text)
	}
	if _, _, err := dialNative(t, m, goclient.Config{}); err == nil {
		t.Error("a third client is let in where there may be two")
	}
}

// TestBadSettingsChangeNothing: all that is wrong is told, and what is right beside it has no effect.
func TestBadSettingsChangeNothing(t *testing.T) {
	m := start(t)
	before := m.Settings()
	for _, c := range []struct {
		sets []string
		want []string
	}{
		{[]string{"world.columns=0", "world.rows=5"}, []string{"world.columns: want 1 to 1048576, got 0"}},
		{[]string{"world.colums=5", "world.rows=5"}, []string{"world.colums: unknown key; did you mean world.columns?"}},
		{[]string{"world.seed=9", "world.rows=5"}, []string{"world.seed: cannot change while the server runs; start it anew"}},
		{[]string{"world.columns=1048576", "world.rows=1048576"}, []string{"world"}},
		{[]string{"limits.dead_after=2s", "log.level=debug"}, []string{"limits.dead_after"}},
	} {
		_, err := m.Amend(c.sets)
		var wrong *conf.Error
		if !errors.As(err, &wrong) || len(wrong.Problems) != len(c.want) || !strings.HasPrefix(wrong.Problems[0], c.want[0]) {
			t.Errorf("%v: %v, want %q", c.sets, err, c.want)
		}
	}
	for key, value := range m.Settings() {
		if value != before[key] {
			t.Errorf("%s is %v, was %v", key, value, before[key])
		}
	}
}

// TestWanderersWhileItRuns: as many walk about as the setting says, in a world that had none; the first player still is number 1, and
// nothing is cut anew for that.
func TestWanderersWhileItRuns(t *testing.T) {
	m := start(t, "world.npcs=0", "world.columns=1", "world.rows=1")
	c, events, err := dialNative(t, m, goclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if me := until(t, events, goclient.Appeared).Entity.ID; me != 1 {
		t.Errorf("the first player is %d", me)
	}
	amend(t, m, "world.npcs=3")
	for range 3 {
		if e := until(t, events, goclient.Appeared).Entity; e.Kind != 1 {
			t.Errorf("%+v appears", e)
		}
	}
	amend(t, m, "world.npcs=1")
	for range 2 {
		e := <-events
		for ; e.Kind != goclient.Left; e = <-events {
			if e.Kind == goclient.Reshaped {
				t.Error("the world is cut anew")
			}
		}
	}
	c.Close()
}
