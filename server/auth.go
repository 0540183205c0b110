package server

import (
	"log/slog"

	"aoiworld/auth"
	"aoiworld/conf"
	"aoiworld/player"
)

// keyFile is the key of the file that tokens are checked with.
const keyFile = "auth.tokens.key_file"

// TokenConfig is which access tokens are good, as the configuration describes it.
func TokenConfig(c conf.Tokens) auth.Config {
	return auth.Config{Algorithm: auth.Algorithm(c.Algorithm), Issuer: c.Issuer, Audience: c.Audience}
}

// KeyFileError is what is wrong with the configured key file, as an *conf.Error.
func KeyFileError(c conf.Tokens, err error) error {
	return fileError(keyFile, c.KeyFile, err)
}

// authConfig is who may play. The error is an *conf.Error about the key file.
func authConfig(c conf.Auth, log *slog.Logger) (player.AuthConfig, error) {
	who := player.AuthConfig{AccountsOnly: !c.Guests()}
	if !c.Accounts() {
		return who, nil
	}
	keys, err := auth.Open(TokenConfig(c.Tokens), c.Tokens.KeyFile, log)
	if err != nil {
		return who, KeyFileError(c.Tokens, err)
	}
	who.Tokens = keys
	return who, nil
}
