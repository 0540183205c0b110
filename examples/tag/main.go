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
	page "aoiworld/examples/browser-tag"
	"aoiworld/examples/tag/game"
	"aoiworld/server"
)

func main() {
	os.Exit(cmd.Main(cmd.Program{
		NewServer: func(cfg conf.Config, log *slog.Logger) (cmd.Server, error) {
			tag := game.Extension()
			tag.Page = page.Page()
			return server.New(cfg, log, tag)
		},
		Bots: game.Play,
	}))
}
