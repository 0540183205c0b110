package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/page"
)

// pageCommand returns `client_sim html`.
func pageCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:     "html REPORT.json",
		Short:   "Make a page with charts of a report",
		Example: "  client_sim html -o report.html report.json",
		Args:    exactly(1),
	}
	command.Flags().StringVarP(&out, "output", "o", "", "the page's file; without one, standard output")
	command.RunE = func(c *cobra.Command, args []string) error {
		var report bot.Report
		if err := readReport(args[0], &report); err != nil {
			return err
		}
		if out == "" {
			return page.Write(c.OutOrStdout(), report)
		}
		return writeFile(out, func(w io.Writer) error { return page.Write(w, report) })
	}
	return command
}

// always are fields that every report of a run has, of whichever version, and a study, a model or a comparison has not.
var always = []string{"bots", "movesPerSecond", "latencyMillis", "deliveredPart"}

// readReport reads a report that --json wrote, of this version or another. What else is JSON is refused: as a report it
// would be one of a run in which nothing happened.
func readReport(name string, report *bot.Report) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !json.Valid(b) {
		return fmt.Errorf("%s: not JSON", name)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return fmt.Errorf("%s: not a report of client_sim run", name)
	}
	for _, field := range always {
		if _, has := fields[field]; !has {
			return fmt.Errorf("%s: not a report of client_sim run: it has no %s", name, field)
		}
	}
	if err := json.Unmarshal(b, report); err != nil {
		return fmt.Errorf("%s: not a report of client_sim run: %w", name, err)
	}
	return nil
}

// forms are the ways in which to write what was found.
type forms struct{ text, json, page func(io.Writer) error }

// write writes a report in the wanted forms: as text, unless standard output is for JSON.
func write(w io.Writer, report bot.Report, options runOptions) error {
	return options.write(w, forms{
		text: report.WriteText, json: report.WriteJSON, page: func(w io.Writer) error { return page.Write(w, report) },
	})
}

// write writes all that is wanted, also after one form that could not be written: what was found took its time.
func (o runOptions) write(w io.Writer, f forms) (err error) {
	if o.html != "" {
		err = writeFile(o.html, f.page)
	}
	shown := f.text
	switch o.json {
	case standardOutput:
		shown = f.json
	case "":
	default:
		err = also(err, writeFile(o.json, f.json))
	}
	return also(err, shown(w))
}

// also is one error, or both on one line.
func also(err, other error) error {
	switch {
	case err == nil:
		return other
	case other == nil:
		return err
	}
	return fmt.Errorf("%w; %w", err, other)
}

// writeFile writes a file whole, or not at all.
func writeFile(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// checkFiles says which of the wanted files could not be written, before a run is played for nothing.
func (o runOptions) checkFiles() (err error) {
	for _, f := range []struct{ flag, name string }{{"json", o.json}, {"html", o.html}} {
		if f.name == "" || f.flag == "json" && f.name == standardOutput {
			continue
		}
		if wrong := writable(f.name); wrong != nil {
			err = also(err, fmt.Errorf("--%s=%s: %w", f.flag, f.name, wrong))
		}
	}
	return err
}

// writable says why a file cannot be written. It leaves what is there as it is, and makes no file of that name.
func writable(name string) error {
	found, err := os.Stat(name)
	var f *os.File
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if f, err = os.CreateTemp(filepath.Dir(name), ".client_sim-*"); err == nil {
			defer os.Remove(f.Name())
		}
	case err != nil:
	case found.IsDir():
		return errors.New("is a folder")
	case found.Mode().IsRegular():
		f, err = os.OpenFile(name, os.O_WRONLY, 0)
	default:
		return nil // to open a pipe would be to wait for its reader
	}
	if f != nil {
		_ = f.Close()
	}
	if wrong := (*fs.PathError)(nil); errors.As(err, &wrong) {
		return wrong.Err // which names the file that was tried, and not the one that is wanted
	}
	return err
}
