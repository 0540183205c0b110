package server

import (
	"testing"
	"time"

	"aoiworld/client_sim/bot"
)

// TestTheBudgetChangesWhileCrowdsExist: with a smaller budget, a larger one, none, and one again, while bots mill about in one
// place: nobody is disconnected, all believe what they may, and the truth when all is quiet.
func TestTheBudgetChangesWhileCrowdsExist(t *testing.T) {
	t.Parallel()
	m := start(t, "world.columns=3", "world.rows=3", "world.frame_budget=600", "world.early_tick=false")
	run := bot.Defaults()
	run.Bots, run.Motion, run.Radius, run.TickRate = 60, bot.Hotspot, 5, 20
	run.World.Columns, run.World.Rows = 3, 3
	run.Duration, run.Round, run.Verify = 8*time.Second, 4*time.Second, true
	at(&run, m, bot.TCP, bot.Both)
	budgets, active := []string{"300", "3000", "0", "256"}, "600"
	told, before, changes := map[string]uint64{}, uint64(0), 0 // of crowds, while each of the budgets was in force
	run.OnStatus = func(bot.Status) {
		now := uint64(0)
		for _, c := range m.sessions().Crowds {
			now += c.FarBytes + c.NearBytes
		}
		told[active] += now - before
		before, active = now, budgets[changes%len(budgets)]
		if _, err := m.Amend([]string{"world.frame_budget=" + active}); err != nil {
			t.Error(err)
		}
		changes++
	}
	play(t, run, 3)
	if least := min(told["300"], told["256"]); changes < 8 || least == 0 || told["0"] > least/4 {
		t.Errorf("of crowds are told, by budgets, %v bytes", told)
	}
}
