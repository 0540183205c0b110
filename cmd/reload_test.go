//go:build unix

package cmd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"

	"aoiworld/conf"
)

// reloading is a server that takes over whatever it is told to.
type reloading struct {
	fake
	told chan conf.Config
}

func (r reloading) Configure(cfg conf.Config) ([]string, error) {
	r.told <- cfg
	return []string{"world.columns"}, nil
}

// TestHangupReadsTheFileAgain: at SIGHUP the server is told what the file, the environment and the settings say now; what is wrong
// is logged and not passed on.
func TestHangupReadsTheFileAgain(t *testing.T) {
	name := t.TempDir() + "/aoiworld.yaml"
	write := func(text string) {
		if err := errors.Join(os.WriteFile(name, []byte(text), 0o600), syscall.Kill(os.Getpid(), syscall.SIGHUP)); err != nil {
			t.Error(err)
		}
	}
	if err := os.WriteFile(name, []byte("world: {columns: 3}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	told, log := make(chan conf.Config, 1), make(lines, 100)
	run := func(context.Context) error {
		for columns, text := range map[int]string{4: "world: {columns: 4}\n", 5: "world: {columns: 5}\n"} {
			write(text)
			if cfg := <-told; cfg.World.Columns != columns || cfg.World.Rows != 7 {
				t.Errorf("told of %d columns and %d rows, want %d and 7", cfg.World.Columns, cfg.World.Rows, columns)
			}
			log.await(`"msg":"settings changed","by":"SIGHUP","keys":["world.columns"]`)
			write("world: {columns: none}\n")
			log.await("world.columns: want a whole number")
		}
		return nil
	}
	code := Execute(t.Context(), Program{
		NewServer: func(conf.Config, *slog.Logger) (Server, error) { return reloading{fake{run}, told}, nil },
		Stdout:    io.Discard, Stderr: log, Env: []string{"AOIWORLD_WORLD_ROWS=7"},
	}, []string{"serve", "-c", name})
	if code != 0 || len(told) > 0 {
		t.Errorf("code %d, %d configurations that nobody expects", code, len(told))
	}
}

// lines is a log, write by write.
type lines chan string

// Write takes a line.
func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// await reads until there is a line with a text.
func (l lines) await(text string) {
	for line := range l {
		if strings.Contains(line, text) {
			return
		}
	}
}
