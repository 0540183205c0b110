package main

import (
	"strings"
	"testing"
	"time"

	"aoiworld/client_sim/bot"
)

// busy is a status that fits on no narrow terminal.
func busy() bot.Status {
	return bot.Status{
		Phase: "moving", Elapsed: 2 * time.Minute, Moved: 5 * time.Second, Connected: 3000, MovesPerSecond: 30_000,
		UpdatesPerSecond: 725_000, P99: 150 * time.Millisecond, LateSends: 900,
		Doubts: []string{"900 of 30000 moves were sent late by the bots themselves"},
	}
}

// TestTheBarFits: a line that is wider than the terminal would wrap, and each second leave one behind.
func TestTheBarFits(t *testing.T) {
	for _, columns := range []int{40, 80, 132, 200} {
		var b strings.Builder
		bar := newBar(&b, columns, 10*time.Second)
		bar.show(busy())
		bar.close()
		lines := strings.Split(b.String(), "\r")
		if !strings.Contains(b.String(), "50%") || !strings.Contains(b.String(), "NOT TO TRUST") || !strings.Contains(b.String(), "█") {
			t.Errorf("%d columns: %q", columns, b.String())
		}
		for _, line := range lines {
			if n := len([]rune(line)); n > columns {
				t.Errorf("%d columns: %d of %q", columns, n, line)
			}
		}
	}
}

func TestAStatusInFewColumns(t *testing.T) {
	calm := bot.Status{Phase: "moving", Connected: 3, P99: time.Millisecond}
	const line = "0 s moving 3 bots 0 moves/s 0 updates/s p99 1.0 ms"
	for columns, want := range map[int]string{
		-1: "", 0: "", 5: line[:5], len(line) - 1: line[:len(line)-1], len(line): line, 500: line,
	} {
		if got := fit(calm, columns); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
}
