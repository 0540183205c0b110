package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"aoiworld/client_sim/bot"
)

// progress shows how a run is going: a bar on a terminal, lines elsewhere if they are asked for.
type progress struct {
	show  func(bot.Status)
	close func()
}

// newProgress returns what shows a run on w.
func newProgress(w io.Writer, cfg bot.Config, options runOptions) progress {
	file, isFile := w.(*os.File)
	switch {
	case options.quiet:
		return progress{show: nil, close: func() {}}
	case isFile && term.IsTerminal(int(file.Fd())):
		return newBar(w, cfg.Total())
	case options.progress:
		return progress{show: func(s bot.Status) { fmt.Fprintln(w, s) }, close: func() {}}
	}
	return progress{show: nil, close: func() {}}
}

// newBar returns a progress bar of the time in which the bots move, with the status behind it.
func newBar(w io.Writer, duration time.Duration) progress {
	bar := progressbar.NewOptions64(max(1, duration.Milliseconds()),
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(20),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionClearOnFinish(),
	)
	return progress{
		show: func(s bot.Status) {
			bar.Describe(s.String())
			_ = bar.Set64(min(s.Moved, duration).Milliseconds()) // who cannot see the bar sees the report
		},
		close: func() { _ = bar.Clear() },
	}
}
