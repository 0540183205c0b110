package server

import (
	"testing"
	"time"

	"aoiworld/client_sim/bot"
	"aoiworld/player"
)

// TestTheBudgetChangesWhileCrowdsExist: with a smaller budget, a larger one, none, and one again, while bots mill about in one
// place: nobody is disconnected, all believe what they may, and the truth when all is quiet.
func TestTheBudgetChangesWhileCrowdsExist(t *testing.T) {
	t.Parallel()
	m := start(t, "world.columns=3", "world.rows=3", "world.frame_budget=600")
	run := bot.Defaults()
	run.Bots, run.Motion, run.Radius, run.TickRate = 60, bot.Hotspot, 5, 20
	run.World.Columns, run.World.Rows = 3, 3
	run.Duration, run.Round, run.Verify = 8*time.Second, 4*time.Second, true
	at(&run, m, bot.TCP, bot.Both)
	budgets, active := []string{"300", "3000", "0", "256"}, "600"
	told, before, changes := map[string]*[player.Dialects]uint64{}, [player.Dialects]uint64{}, 0 // of crowds, by budgets in force
	run.OnStatus = func(bot.Status) {
		if told[active] == nil {
			told[active] = new([player.Dialects]uint64)
		}
		for d, c := range m.sessions().Crowds {
			told[active][d] += c.FarBytes + c.NearBytes - before[d]
			before[d] = c.FarBytes + c.NearBytes
		}
		active = budgets[changes%len(budgets)]
		if _, err := m.Amend([]string{"world.frame_budget=" + active}); err != nil {
			t.Error(err)
		}
		changes++
	}
	play(t, run, 3)
	for d := range player.Dialects {
		if least := min(told["300"][d], told["256"][d]); changes < 8 || least == 0 || told["0"][d] > least/4 {
			t.Errorf("dialect %d is told of crowds %d, %d, %d bytes by budgets of 300, 256 and none",
				d, told["300"][d], told["256"][d], told["0"][d])
		}
	}
}
