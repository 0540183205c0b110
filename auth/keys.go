package auth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// ErrKeys is wrapped by every error that says why keys cannot be used.
var ErrKeys = errors.New("unusable keys")

// Algorithm is how tokens are signed. One is configured; a token that names another is worthless.
type Algorithm string

// The algorithms.
const (
	HS256 Algorithm = "HS256" // with a secret that the server and the issuer share
	EdDSA Algorithm = "EdDSA" // with an Ed25519 key, of which the server has the public half
	RS256 Algorithm = "RS256" // with an RSA key, likewise
)

// Bounds of keys.
const (
	// MinSecret is the shortest secret (bytes): as long as what SHA-256 makes of it (RFC 7518 section 3.2).
	MinSecret = 32
	// minVariety is how many different bytes a secret has at least. Random ones have more, even in hexadecimal digits.
	minVariety = 8
	minRSA     = 2048 // bits
)

// keys are what tokens are checked with: one key, or a set by the ids of its keys.
type keys struct {
	only any // a []byte, ed25519.PublicKey or *rsa.PublicKey; nil when there are several
	byID map[string]any
}

// find returns the key of an id, or nil. Where there is only one, it needs no id, and without a set nobody knows ids.
func (k *keys) find(id string) any {
	if k.only != nil && (id == "" || k.byID == nil) {
		return k.only
	}
	return k.byID[id]
}

// parseKeys reads the content of a key file. The error wraps ErrKeys.
func parseKeys(algorithm Algorithm, content []byte) (keys, error) {
	text := bytes.TrimSpace(content)
	switch {
	case algorithm == HS256:
		return parseSecret(text)
	case algorithm != EdDSA && algorithm != RS256:
		return keys{}, fmt.Errorf("%w: unknown algorithm %q", ErrKeys, algorithm)
	case bytes.HasPrefix(text, []byte("{")):
		return parseSet(algorithm, text)
	}
	return parsePublicKey(algorithm, text)
}

// parseSecret reads a secret: all that is in the file, but for white space round it.
func parseSecret(text []byte) (keys, error) {
	if len(text) < MinSecret {
		return keys{}, fmt.Errorf("%w: want a secret of at least %d bytes, got %d", ErrKeys, MinSecret, len(text))
	}
	if bytes.HasPrefix(text, []byte("-----BEGIN")) {
		return keys{}, fmt.Errorf("%w: want a secret, got PEM, which is for %s and %s", ErrKeys, EdDSA, RS256)
	}
	var seen [256]bool
	variety := 0
	for _, b := range text {
		if !seen[b] {
			seen[b] = true
			variety++
		}
	}
	if variety < minVariety {
		return keys{}, fmt.Errorf("%w: want a random secret, got one of %d different bytes", ErrKeys, variety)
	}
	return keys{only: bytes.Clone(text)}, nil
}

// parsePublicKey reads the one public key of a PEM file.
func parsePublicKey(algorithm Algorithm, text []byte) (keys, error) {
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return keys{}, fmt.Errorf("%w: want a public key in PEM or a JSON Web Key Set", ErrKeys)
	case block.Type != "PUBLIC KEY":
		return keys{}, fmt.Errorf("%w: want a PUBLIC KEY, got a %.40q", ErrKeys, block.Type)
	case len(bytes.TrimSpace(rest)) > 0:
		return keys{}, fmt.Errorf("%w: want one public key, got more; several go into a JSON Web Key Set", ErrKeys)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return keys{}, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	if err := suits(algorithm, key); err != nil {
		return keys{}, err
	}
	return keys{only: key}, nil
}

// suits returns why a public key cannot be used with an algorithm.
func suits(algorithm Algorithm, key any) error {
	switch key := key.(type) {
	case ed25519.PublicKey:
		if algorithm == EdDSA {
			return nil
		}
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); algorithm == RS256 && bits < minRSA {
			return fmt.Errorf("%w: want an RSA key of at least %d bits, got %d", ErrKeys, minRSA, bits)
		}
		if algorithm == RS256 {
			return nil
		}
	}
	return fmt.Errorf("%w: a %T is not for %s", ErrKeys, key, algorithm)
}

// parseSet reads a JSON Web Key Set. What is not understood of it is passed over (RFC 7517 section 5), as are its keys for
// other algorithms and uses; a private key has no business in it.
func parseSet(algorithm Algorithm, text []byte) (keys, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &set); err != nil {
		return keys{}, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	found := keys{byID: make(map[string]any)}
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) != nil {
			continue
		}
		if !k.IsPublic() {
			return keys{}, fmt.Errorf("%w: key %.40q is not a public one", ErrKeys, k.KeyID)
		}
		usable := (k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == string(algorithm))
		if !usable || suits(algorithm, k.Key) != nil {
			continue
		}
		if _, twice := found.byID[k.KeyID]; twice {
			return keys{}, fmt.Errorf("%w: two keys are called %.40q", ErrKeys, k.KeyID)
		}
		found.byID[k.KeyID], found.only = k.Key, k.Key
	}
	switch len(found.byID) {
	case 0:
		return keys{}, fmt.Errorf("%w: none of the set's %d keys is for %s", ErrKeys, len(set.Keys), algorithm)
	case 1:
	default:
		found.only = nil
	}
	return found, nil
}
