package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aoiworld/auth"
	"aoiworld/conf"
	"aoiworld/server"
)

// tokenFlags say for whom a token is.
type tokenFlags struct {
	account, name string
	roles         []string
	ttl           time.Duration
	count         int
	init          bool
}

// token returns the command that makes access tokens for development.
func (p Program) token() *cobra.Command {
	c := &cobra.Command{
		Use: "token", Short: "Make an access token, for development", Args: noArgs,
		Long: "Prints an access token that a server with the same configuration accepts, in auth.mode tokens or both. It is\n" +
			"signed with the secret in auth.tokens.key_file, so auth.tokens.algorithm must be HS256. In production a service\n" +
			"of yours issues tokens, to whom it has seen to be who he says.",
		Example: "  aoiworld token --init --set auth.tokens.key_file=secret.key\n" +
			"  aoiworld token --account ann --name Ann --set auth.tokens.key_file=secret.key\n" +
			"  aoiworld token -c aoiworld.yaml --account bob --role moderator --ttl 10m\n" +
			"  aoiworld token -c aoiworld.yaml --account bot --count 1000 > tokens",
	}
	var who tokenFlags
	c.Flags().StringVar(&who.account, "account", "", "whose token it is: the same for the same person, always")
	c.Flags().StringVar(&who.name, "name", "", "how the account is shown to others")
	c.Flags().StringArrayVar(&who.roles, "role", nil, "player, moderator or admin; may be repeated")
	c.Flags().DurationVar(&who.ttl, "ttl", time.Hour, "for how long it is good")
	c.Flags().IntVar(&who.count, "count", 1, "print so many, each for an account of its own: ann-1, ann-2 and so on")
	c.Flags().BoolVar(&who.init, "init", false, "write a random secret into the key file first, if there is no such file")
	load := p.configFlags(c)
	c.RunE = func(*cobra.Command, []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		return p.mint(cfg.Auth.Tokens, who)
	}
	return c
}

// mint writes the key file if that is asked for, and prints a token if it is said for whom.
func (p Program) mint(cfg conf.Tokens, who tokenFlags) error {
	switch {
	case who.account == "" && !who.init:
		return usageError{errors.New("token: say --account, for whom, or --init")}
	case who.count < 1:
		return usageError{fmt.Errorf("token: --count %d, want at least 1", who.count)}
	case cfg.KeyFile == "":
		return &conf.Error{Problems: []string{"auth.tokens.key_file: want a file with a secret, or to write one to"}}
	case auth.Algorithm(cfg.Algorithm) != auth.HS256:
		const told = "auth.tokens.algorithm: want %s, got %s: who has the private key makes such tokens"
		return &conf.Error{Problems: []string{fmt.Sprintf(told, auth.HS256, cfg.Algorithm)}}
	}
	if who.init {
		if err := p.createSecret(cfg); err != nil {
			return err
		}
	}
	if who.account == "" {
		return nil
	}
	return p.printTokens(cfg, who)
}

// createSecret writes the key file, unless there is one, and says so on standard error: standard output is for tokens.
func (p Program) createSecret(cfg conf.Tokens) error {
	created, err := auth.CreateSecret(cfg.KeyFile)
	if err != nil {
		return server.KeyFileError(cfg, err)
	}
	what := "there already; it stays as it is"
	if created {
		what = "a new secret; whoever reads it can be anybody"
	}
	_, err = fmt.Fprintf(p.Stderr, "%s: %s\n", cfg.KeyFile, what)
	return err
}

// printTokens prints a token, or several, a line each.
func (p Program) printTokens(cfg conf.Tokens, who tokenFlags) error {
	now := time.Now()
	identity := auth.Identity{Account: who.account, Name: who.name, Expires: now.Add(who.ttl)}
	for _, name := range who.roles {
		role, err := auth.ParseRole(name)
		if err != nil {
			return usageError{fmt.Errorf("token: %w", err)}
		}
		identity.Roles = identity.Roles.With(role)
	}
	secret, err := auth.ReadKeys(auth.Algorithm(cfg.Algorithm), cfg.KeyFile)
	if err != nil {
		return server.KeyFileError(cfg, err)
	}
	var printed strings.Builder
	for i := range who.count {
		if who.count > 1 {
			identity.Account = fmt.Sprintf("%s-%d", who.account, i+1)
		}
		token, err := auth.Mint(server.TokenConfig(cfg), secret, identity, now)
		switch {
		case errors.Is(err, auth.ErrKeys):
			return server.KeyFileError(cfg, err)
		case err != nil:
			return usageError{fmt.Errorf("token: %w", err)}
		}
		printed.WriteString(token + "\n")
	}
	return p.print(printed.String())
}
