package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

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
		Args:    cobra.ExactArgs(1),
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

// readReport reads a report that --json wrote, of this version or another.
func readReport(name string, report *bot.Report) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, report); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// write writes a report in the wanted forms: as text, unless standard output is for JSON.
func write(w io.Writer, report bot.Report, options runOptions) error {
	if options.html != "" {
		if err := writeFile(options.html, func(w io.Writer) error { return page.Write(w, report) }); err != nil {
			return err
		}
	}
	switch options.json {
	case standardOutput:
		return report.WriteJSON(w)
	case "":
	default:
		if err := writeFile(options.json, report.WriteJSON); err != nil {
			return err
		}
	}
	return report.WriteText(w)
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
