package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aoiworld/auth"
	"aoiworld/client_sim/bot"
	"aoiworld/conf"
	"aoiworld/server"
)

// operated returns the operator's token, and the settings of a server that has the operation page.
func operated(t *testing.T) (token string, sets []string) {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "admin.token")
	if _, err := auth.CreateSecret(file); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content)), []string{
		"ops.address=127.0.0.1:0", "ops.admin_token_file=" + file, "moderation.file=" + filepath.Join(folder, "bans.json"),
	}
}

// browseOperation runs a test in a browser against the operation page of an arena.
func (a *arena) browseOperation(t *testing.T, file, token string) {
	t.Helper()
	a.browse(t, file, fmt.Sprintf("OPERATION=http://%s/", a.Addresses()[conf.OpsAddress]), "TOKEN="+token)
}

// populate lets bots walk about in an arena until the test ends.
func (a *arena) populate(t *testing.T, columns, rows, bots int) {
	t.Helper()
	cfg := bot.Defaults()
	cfg.Server, cfg.Transport, cfg.Dialect = fmt.Sprintf("ws://%s/ws", a.address()), bot.WebSocket, bot.Native
	cfg.Bots, cfg.Rate, cfg.Motion, cfg.Duration, cfg.ConnectRate = bots, 2, bot.Patrol, time.Hour, 1000
	cfg.World.Columns, cfg.World.Rows, cfg.Guests, cfg.Lookers = columns, rows, true, 0.01
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = bot.Run(ctx, cfg) // it is broken off
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
}

// TestOperation: the page shows a thousand bots, and an operator does with one more player, and with the server, all that can be done.
func TestOperation(t *testing.T) {
	node(t)
	if raceDetector {
		t.Skip("a thousand bots and a browser are too much for it")
	}
	const columns, rows, bots = 20, 20, 1000
	token, sets := operated(t)
	a := newArena(t, server.Extension{}, append(sets, fmt.Sprintf("world.columns=%d", columns), fmt.Sprintf("world.rows=%d", rows))...)
	a.populate(t, columns, rows, bots)
	a.browseOperation(t, "ops.test.mjs", token)
}

// TestOperationOfMany: with five thousand about the map is drawn at least 10 times a second, with more there are squares, and with
// fewer dots again.
func TestOperationOfMany(t *testing.T) {
	node(t)
	if raceDetector {
		t.Skip("the race detector takes the time that it measures")
	}
	token, sets := operated(t)
	newArena(t, server.Extension{}, append(sets, "world.npcs=5000")...).browseOperation(t, "ops-crowd.test.mjs", token)
}

// TestOperationControls: an operator finds, follows, is told of what is too long, and signs in and out, in each way there is.
func TestOperationControls(t *testing.T) {
	node(t)
	token, sets := operated(t)
	newArena(t, server.Extension{}, sets...).browseOperation(t, "ops-desk.test.mjs", token)
}

// TestOperationWithoutToken: where no token is set up, the page is there and says how to set one up.
func TestOperationWithoutToken(t *testing.T) {
	node(t)
	newArena(t, server.Extension{}, "ops.address=127.0.0.1:0").browseOperation(t, "ops-off.test.mjs", "")
}
