package conf

import "net"

// Modes of auth.mode.
const (
	authAuto   = "auto"
	authTokens = "tokens"
	authBoth   = "both"
)

// Guests reports whether players without an account are let in.
func (a *Auth) Guests() bool { return a.Mode != authTokens }

// Accounts reports whether access tokens are accepted.
func (a *Auth) Accounts() bool { return a.Mode == authTokens || a.Mode == authBoth }

// checkAuth notes a way in for everybody that nobody has asked for, and tokens without a key.
func (c *Config) checkAuth(problems *Error) {
	if c.Auth.Accounts() && c.Auth.Tokens.KeyFile == "" {
		problems.add("auth.tokens.key_file: want a file in mode %s; aoiworld token --init writes one for development",
			c.Auth.Mode)
	}
	if c.Auth.Mode != authAuto {
		return
	}
	for _, l := range []struct{ key, address string }{
		{ClassicAddress, c.Net.TCP.Classic.Address},
		{NativeAddress, c.Net.TCP.Native.Address},
		{WebSocketAddress, c.Net.WS.Address},
	} {
		if host, _, err := net.SplitHostPort(l.address); err == nil && !loopback(host) {
			problems.add("auth.mode: %s is not a loopback address; say who may play there: guests, tokens or both", l.key)
			return
		}
	}
}

// Admin reports whether there is to be an API for the operator.
func (c *Config) Admin() bool { return c.Ops.Address != "" && c.Ops.AdminTokenFile != "" }

// checkAdmin notes an operator whose bans would be forgotten, and profiles for everybody.
func (c *Config) checkAdmin(problems *Error) {
	if c.Ops.Pprof && !c.Admin() {
		problems.add("ops.admin_token_file: want a file for the operator's token, which ops.pprof asks for, and an ops.address")
	}
	if c.Admin() && c.Moderation.File == "" {
		problems.add("moderation.file: want a file for bans, so that they outlive the process, with ops.admin_token_file")
	}
}
