package main

import (
	"fmt"
	"io"
	"os"
	"strings"
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
		columns, _, err := term.GetSize(int(file.Fd()))
		if err != nil || columns <= 0 {
			columns = 80
		}
		return newBar(w, columns, cfg.Total())
	case options.progress:
		return progress{show: func(s bot.Status) { fmt.Fprintln(w, s) }, close: func() {}}
	}
	return progress{show: nil, close: func() {}}
}

// newBar returns a progress bar of the time in which the bots move, with the status behind it, on a terminal of so many
// columns.
func newBar(w io.Writer, columns int, duration time.Duration) progress {
	const around = len(" 100% || ")
	width := max(4, min(20, (columns-around)/5))
	bar := progressbar.NewOptions64(max(1, duration.Milliseconds()),
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(width),
		progressbar.OptionSetTheme(progressbar.ThemeDefault),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionClearOnFinish(),
	)
	return progress{
		show: func(s bot.Status) {
			bar.Describe(fit(s, columns-around-width-3))
			_ = bar.Set64(min(s.Moved, duration).Milliseconds()) // who cannot see the bar sees the report
		},
		close: func() { _ = bar.Clear() },
	}
}

// fit is a status in so many columns. What is cut off is never that the figures are not to be trusted.
func fit(s bot.Status, columns int) string {
	line := strings.Join(strings.Fields(s.String()), " ")
	if len([]rune(line)) <= columns {
		return line
	}
	if len(s.Doubts) > 0 {
		s.Doubts = nil
		line = "NOT TO TRUST " + strings.Join(strings.Fields(s.String()), " ")
	}
	runes := []rune(line)
	return string(runes[:max(0, min(columns, len(runes)))])
}
