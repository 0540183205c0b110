package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"aoiworld/conf"
)

// configFlags adds the flags that say where the configuration comes from, and returns how to load it.
func (p Program) configFlags(c *cobra.Command) (load func() (conf.Config, error)) {
	source := conf.Source{Env: p.Env}
	c.Flags().StringVarP(&source.File, "config", "c", "", "configuration `file` (YAML)")
	c.Flags().StringArrayVar(&source.Sets, "set", nil, "`key=value` that counts more than the file; may be repeated")
	return func() (conf.Config, error) { return conf.Load(source) }
}

// config returns the commands about the configuration.
func (p Program) config() *cobra.Command {
	group := &cobra.Command{
		Use: "config", Short: "Show, check or explain the configuration", Args: noArgs,
		Example: "  aoiworld config check -c aoiworld.yaml\n  aoiworld config print --set world.tick_rate=30",
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	show := &cobra.Command{Use: "print", Short: "Print what is in effect, as a file", Args: noArgs}
	load := p.configFlags(show)
	show.RunE = func(*cobra.Command, []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		return p.print(conf.Print(cfg))
	}
	check := &cobra.Command{Use: "check", Short: "Say what is wrong with the configuration", Args: noArgs}
	loadChecked := p.configFlags(check)
	check.RunE = func(*cobra.Command, []string) error {
		if _, err := loadChecked(); err != nil {
			return err
		}
		return p.print("the configuration is good\n")
	}
	docs := &cobra.Command{Use: "docs", Short: "Explain every key, in Markdown", Args: noArgs}
	docs.RunE = func(*cobra.Command, []string) error { return p.print(conf.Docs()) }
	sample := &cobra.Command{
		Use: "sample", Short: "Print a file with every key, explained, to start from", Args: noArgs,
		Example: "  aoiworld config sample > aoiworld.yaml",
	}
	sample.RunE = func(*cobra.Command, []string) error { return p.print(conf.Sample()) }
	group.AddCommand(show, check, docs, sample)
	return group
}

// print writes to standard output.
func (p Program) print(text string) error {
	_, err := io.WriteString(p.Stdout, text)
	return err
}
