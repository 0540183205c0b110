package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// MaxToken is the longest token that is looked at (bytes).
const MaxToken = 4 << 10

// skew is how far the clock of whoever issues tokens may be ahead of the server's, or a token fresh from there would be too
// early. For the end of a token the server's clock counts.
const skew = 5 * time.Second

// lastSecond is the latest expiry (seconds since 1970): the end of the year 9999.
const lastSecond = 253_402_300_799

// Config says which tokens are good.
type Config struct {
	Algorithm Algorithm
	// Issuer is who must have issued a token, Audience for whom it must be. Both are required.
	Issuer, Audience string
}

// Verifier checks access tokens: JSON Web Tokens (RFC 7519) in their compact form, of one algorithm. It is never changed;
// everybody may use it at any time.
type Verifier struct {
	cfg  Config
	keys keys
}

// NewVerifier returns a verifier with the content of a key file: for HS256 the secret, at least MinSecret bytes; else a public
// key in PEM, or a JSON Web Key Set (RFC 7517). The error wraps ErrKeys.
func NewVerifier(cfg Config, keyFile []byte) (*Verifier, error) {
	if cfg.Issuer == "" || cfg.Audience == "" {
		return nil, fmt.Errorf("%w: want an issuer and an audience", ErrKeys)
	}
	found, err := parseKeys(cfg.Algorithm, keyFile)
	if err != nil {
		return nil, err
	}
	return &Verifier{cfg: cfg, keys: found}, nil
}

// claims are what a token says beside the registered claims.
type claims struct {
	Name  string   `json:"name,omitempty"`
	Roles []string `json:"roles,omitempty"`
}

// Verify returns who a token says somebody is. The error is ErrUnauthenticated, or ErrExpired when nothing but the time is
// wrong, by which now is judged to the second.
func (v *Verifier) Verify(token string, now time.Time) (Identity, error) {
	if len(token) > MaxToken {
		return Identity{}, ErrUnauthenticated
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(v.cfg.Algorithm)})
	if err != nil || len(parsed.Headers) != 1 {
		return Identity{}, ErrUnauthenticated
	}
	key := v.keys.find(parsed.Headers[0].KeyID)
	if key == nil {
		return Identity{}, ErrUnauthenticated
	}
	var registered jwt.Claims
	var more claims
	if err := parsed.Claims(key, &registered, &more); err != nil {
		return Identity{}, ErrUnauthenticated
	}
	return v.judge(&registered, &more, now)
}

// judge returns who the claims of a genuine token say somebody is.
func (v *Verifier) judge(c *jwt.Claims, more *claims, now time.Time) (Identity, error) {
	if !validAccount(c.Subject) || c.Expiry == nil || *c.Expiry <= 0 || *c.Expiry > lastSecond {
		return Identity{}, ErrUnauthenticated
	}
	expected := jwt.Expected{Issuer: v.cfg.Issuer, AnyAudience: jwt.Audience{v.cfg.Audience}, Time: now}
	switch err := c.ValidateWithLeeway(expected, skew); {
	case errors.Is(err, jwt.ErrExpired), errors.Is(err, jwt.ErrNotValidYet), errors.Is(err, jwt.ErrIssuedInTheFuture):
		return Identity{}, ErrExpired
	case err != nil:
		return Identity{}, ErrUnauthenticated
	}
	who := Identity{Account: c.Subject, Name: more.Name, Expires: c.Expiry.Time()}
	if !now.Before(who.Expires) {
		return Identity{}, ErrExpired
	}
	for r := range roles {
		if slices.Contains(more.Roles, r.String()) { // what else a token gives is for somebody else's eyes
			who.Roles = who.Roles.With(r)
		}
	}
	return who, nil
}

// validAccount reports whether an account can be written into logs and compared by its bytes.
func validAccount(account string) bool {
	return account != "" && len(account) <= MaxAccount && utf8.ValidString(account) &&
		!strings.ContainsFunc(account, func(r rune) bool { return !unicode.IsGraphic(r) })
}

// Mint returns a token for an identity, signed with the secret that a key file for HS256 holds. The error wraps ErrKeys, or
// says what is wrong with the identity.
func Mint(cfg Config, keyFile []byte, who Identity, now time.Time) (string, error) {
	if cfg.Algorithm != HS256 {
		return "", fmt.Errorf("%w: only who has the private key signs %s", ErrKeys, cfg.Algorithm)
	}
	v, err := NewVerifier(cfg, keyFile)
	if err != nil {
		return "", err
	}
	if !validAccount(who.Account) {
		return "", fmt.Errorf("account %.40q: want 1 to %d bytes that can be seen", who.Account, MaxAccount)
	}
	key := jose.SigningKey{Algorithm: jose.HS256, Key: v.keys.only}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKeys, err)
	}
	registered := jwt.Claims{
		Issuer: cfg.Issuer, Audience: jwt.Audience{cfg.Audience}, Subject: who.Account,
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(who.Expires),
	}
	token, err := jwt.Signed(signer).Claims(registered).Claims(claims{Name: who.Name, Roles: who.Roles.Names()}).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	if _, err := v.Verify(token, now); err != nil {
		return "", fmt.Errorf("a token like this is of no use (%d bytes, expires %v): %w", len(token), who.Expires, err)
	}
	return token, nil
}
