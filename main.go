// Aoiworld is an MMO world server. What it does is in package server, what can be asked of it in package cmd.
package main

import (
	"log/slog"
	"os"

	"aoiworld/cmd"
	"aoiworld/conf"
	"aoiworld/server"
)

func main() {
	os.Exit(cmd.Main(cmd.Program{NewServer: func(cfg conf.Config, log *slog.Logger) (cmd.Server, error) {
		return server.New(cfg, log, server.Extension{})
	}}))
}
