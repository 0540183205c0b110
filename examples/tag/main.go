// Tag is a game on aoiworld: whoever is "it" touches others. It is a server like aoiworld itself, with the same commands:
//
//	go run ./examples/tag demo    watch a hundred bots play
//	go run ./examples/tag serve   serve players
package main

import (
	"log/slog"
	"os"

	"aoiworld/cmd"
	"aoiworld/conf"
	"aoiworld/examples/tag/game"
	"aoiworld/server"
)

func main() {
	os.Exit(cmd.Main(cmd.Program{
		NewServer: func(cfg conf.Config, log *slog.Logger) (cmd.Server, error) {
			return server.New(cfg, log, game.Extension())
		},
		Bots: game.Play,
	}))
}
