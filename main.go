// Aoiworld is an MMO world server. What it does is in package server, what can be asked of it in package cmd.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"aoiworld/cmd"
	"aoiworld/conf"
	"aoiworld/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	program := cmd.Program{
		NewServer: func(cfg conf.Config, log *slog.Logger) (cmd.Server, error) { return server.New(cfg, log) },
		Stdout:    os.Stdout, Stderr: os.Stderr, Env: os.Environ(),
	}
	os.Exit(cmd.Execute(ctx, program, os.Args[1:]))
}
