package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aoiworld/auth"
	"aoiworld/conf"
	"aoiworld/server"
)

// adminPatience is how long a server may take to answer its operator.
const adminPatience = 10 * time.Second

// adminCall is one request to the operator's API.
type adminCall struct {
	method, path string
	body         any // nil is none
}

// admin returns the operator's commands.
func (p Program) admin() *cobra.Command {
	group := &cobra.Command{
		Use: "admin", Short: "See who plays on a running server, and moderate", Args: noArgs,
		Long: "Asks the server that runs by the same configuration (ops.address, ops.admin_token_file), and prints what it\n" +
			"answers, in JSON.",
		Example: "  aoiworld admin init -c aoiworld.yaml      write the operator's token\n" +
			"  aoiworld admin players -c aoiworld.yaml\n" +
			"  aoiworld admin ban --account ann --for 24h --reason spam -c aoiworld.yaml",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(
		p.adminInit(),
		p.ask("status", "Say how the server stands", 0, get("/admin/v1/status")),
		p.ask("players [SEARCH]", "List who plays: by name, account, address or id", 1, func(words []string) adminCall {
			const path = "/admin/v1/players?limit=1000&search="
			return adminCall{http.MethodGet, path + url.QueryEscape(strings.Join(words, "")), nil}
		}),
		p.about("kick", "Remove somebody", "/admin/v1/kicks", false),
		p.about("ban", "Keep somebody out", "/admin/v1/bans", true),
		p.ask("bans", "List who is banned", 0, get("/admin/v1/bans")),
		p.ask("unban ID", "Lift a ban", -1, lift("/admin/v1/bans/")),
		p.about("mute", "Keep somebody from chatting", "/admin/v1/mutes", true),
		p.ask("mutes", "List who is muted", 0, get("/admin/v1/mutes")),
		p.ask("unmute ID", "Lift a mute", -1, lift("/admin/v1/mutes/")),
		p.ask("announce TEXT", "Say something to everybody", -1, func(words []string) adminCall {
			return adminCall{http.MethodPost, "/admin/v1/announcements", map[string]string{"text": words[0]}}
		}),
		p.ask("settings", "List the settings that can change while the server runs", 0, get("/admin/v1/settings")),
		p.ask("set KEY=VALUE", "Change one of them", -1, func(words []string) adminCall {
			key, value, _ := strings.Cut(words[0], "=")
			return adminCall{http.MethodPost, "/admin/v1/settings", map[string]string{key: value}}
		}),
		p.ask("drain", "Stop the server in good order", 0, func([]string) adminCall {
			return adminCall{http.MethodPost, "/admin/v1/drain", nil}
		}),
	)
	return group
}

// get returns what reads a path.
func get(path string) func([]string) adminCall {
	return func([]string) adminCall { return adminCall{http.MethodGet, path, nil} }
}

// lift returns what takes out what a word names.
func lift(path string) func([]string) adminCall {
	return func(words []string) adminCall {
		return adminCall{http.MethodDelete, path + url.PathEscape(words[0]), nil}
	}
}

// ask returns a command that makes a request of its words: so many at most, or just one where that is below 0.
func (p Program) ask(use, short string, most int, request func(words []string) adminCall) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: noArgs}
	if most != 0 {
		c.Args = func(c *cobra.Command, words []string) error {
			if most < 0 && len(words) != 1 || len(words) > 1 {
				return usageError{fmt.Errorf("%s: want %s", c.CommandPath(), use)}
			}
			return nil
		}
	}
	load := p.configFlags(c)
	c.RunE = func(c *cobra.Command, words []string) error { return p.callAdmin(c.Context(), load, request(words)) }
	return c
}

// about returns a command that does something to somebody, perhaps for some time.
func (p Program) about(use, short, path string, lasts bool) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: noArgs}
	kinds := []string{"account", "name", "address", "player"}
	subjects := make([]string, len(kinds))
	for i, what := range [...]string{"who logs in under it", "who is shown under it", "who comes from it, or a network", "id"} {
		c.Flags().StringVar(&subjects[i], kinds[i], "", what)
	}
	reason := c.Flags().String("reason", "", "told to whom it is about")
	var length time.Duration
	if lasts {
		c.Flags().DurationVar(&length, "for", 0, "for how long; for good without it")
	}
	load := p.configFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		body := map[string]any{"reason": *reason}
		for i, kind := range kinds {
			if subjects[i] != "" && body["kind"] != nil {
				return usageError{fmt.Errorf("%s: want one of --%s", c.CommandPath(), strings.Join(kinds, ", --"))}
			} else if subjects[i] != "" {
				body["kind"], body["subject"] = kind, subjects[i]
			}
		}
		switch {
		case body["kind"] == nil:
			return usageError{fmt.Errorf("%s: want one of --%s", c.CommandPath(), strings.Join(kinds, ", --"))}
		case length < 0 || length%time.Second != 0:
			return usageError{fmt.Errorf("%s: want whole seconds in --for", c.CommandPath())}
		case length > 0:
			body["seconds"] = int64(length / time.Second)
		}
		return p.callAdmin(c.Context(), load, adminCall{http.MethodPost, path, body})
	}
	return c
}

// adminInit returns the command that writes the operator's token.
func (p Program) adminInit() *cobra.Command {
	c := &cobra.Command{Use: "init", Short: "Write a random token for the operator, if there is none", Args: noArgs}
	load := p.configFlags(c)
	c.RunE = func(*cobra.Command, []string) error {
		file, err := adminTokenFile(load)
		if err != nil {
			return err
		}
		created, err := auth.CreateSecret(file)
		if err != nil {
			return server.AdminTokenError(file, err)
		}
		what := "there already; it stays as it is"
		if created {
			what = "a new token; whoever reads it can moderate"
		}
		return p.print(fmt.Sprintf("%s: %s\n", file, what))
	}
	return c
}

// adminTokenFile returns the name of the file with the operator's token.
func adminTokenFile(load func() (conf.Config, error)) (string, error) {
	cfg, err := load()
	if err == nil && cfg.Ops.AdminTokenFile == "" {
		err = &conf.Error{Problems: []string{"ops.admin_token_file: want a file for the operator's token"}}
	}
	return cfg.Ops.AdminTokenFile, err
}

// callAdmin makes a request, and prints what is answered.
func (p Program) callAdmin(ctx context.Context, load func() (conf.Config, error), call adminCall) error {
	file, err := adminTokenFile(load)
	if err != nil {
		return err
	}
	token, err := auth.ReadSecret(file)
	if err != nil {
		return server.AdminTokenError(file, err)
	}
	cfg, err := load()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, adminPatience)
	defer cancel()
	var body io.Reader
	if call.body != nil {
		content, err := json.Marshal(call.body)
		if err != nil {
			return err
		}
		body = bytes.NewReader(content)
	}
	r, err := http.NewRequestWithContext(ctx, call.method, "http://"+reachable(cfg.Ops.Address)+call.path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+string(token))
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	return p.printAnswer(w)
}

// reachable returns a listener's address as one can be called by: of one on all addresses, this machine's.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if a, bad := netip.ParseAddr(host); err == nil && (host == "" || bad == nil && a.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}

// printAnswer prints what a server answers, or returns why it has not done what was asked.
func (p Program) printAnswer(w *http.Response) error {
	content, err := io.ReadAll(w.Body)
	if err != nil {
		return err
	}
	if w.StatusCode >= http.StatusBadRequest {
		var told struct {
			Error struct{ Code, Message string }
		}
		if json.Unmarshal(content, &told) != nil || told.Error.Code == "" {
			return fmt.Errorf("the server answers %s", w.Status)
		}
		return errors.New(told.Error.Code + ": " + told.Error.Message)
	}
	var shown bytes.Buffer
	if err := json.Indent(&shown, content, "", "  "); err != nil {
		return fmt.Errorf("the server answers no JSON: %w", err)
	}
	return p.print(shown.String())
}
