package auth

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// secret is a test's; now is when it takes place.
const secret = "0123456789abcdefghijklmnopqrstuv"

func now() time.Time { return time.Unix(1_800_000_000, 0) }

// shared is a configuration with a shared secret.
func shared() Config { return Config{Algorithm: HS256, Issuer: "house", Audience: "game"} }

// verifier returns a verifier, which must come about.
func verifier(t testing.TB, cfg Config, keyFile []byte) *Verifier {
	t.Helper()
	v, err := NewVerifier(cfg, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// part is a part of a token, written by hand: these tests do not trust the library to make bad ones.
func part(of any) string {
	b, err := json.Marshal(of)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// object is JSON.
type object map[string]any

// with returns an object with a difference; nil takes a member away.
func (o object) with(key string, value any) object {
	other := maps.Clone(o)
	other[key] = value
	if value == nil {
		delete(other, key)
	}
	return other
}

// header and body are those of a good token.
func header() object { return object{"alg": "HS256", "typ": "JWT"} }

func body() object {
	return object{
		"iss": "house", "aud": "game", "sub": "ann-1", "exp": now().Unix() + 600, "iat": now().Unix(),
		"name": "Ann", "roles": []string{"admin", "player", "king"},
	}
}

// hmacToken signs with the secret.
func hmacToken(header, body object, secret string) string {
	text := part(header) + "." + part(body)
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// signed signs with a private key.
func signed(t testing.TB, key crypto.Signer, header, body object) string {
	t.Helper()
	text := part(header) + "." + part(body)
	var signature []byte
	var err error
	if _, is := key.(ed25519.PrivateKey); is {
		signature, err = key.Sign(nil, []byte(text), crypto.Hash(0))
	} else {
		sum := sha256.Sum256([]byte(text))
		signature, err = key.Sign(rand.Reader, sum[:], crypto.SHA256)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// publicPEM is the file with a key's public half.
func publicPEM(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func newEd25519(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newRSA(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestGoodTokens: each algorithm's, with the claims that are told on.
func TestGoodTokens(t *testing.T) {
	want := Identity{Account: "ann-1", Name: "Ann", Roles: Roles(0).With(Player).With(Admin), Expires: time.Unix(now().Unix()+600, 0)}
	ed, rs := newEd25519(t), newRSA(t, 2048)
	for algorithm, test := range map[Algorithm]struct {
		keyFile []byte
		token   string
	}{
		HS256: {[]byte(secret + "\n"), hmacToken(header(), body(), secret)},
		EdDSA: {publicPEM(t, ed), signed(t, ed, header().with("alg", "EdDSA"), body())},
		RS256: {publicPEM(t, rs), signed(t, rs, header().with("alg", "RS256").with("kid", "any"), body().with("aud", []string{"x", "game"}))},
	} {
		cfg := shared()
		cfg.Algorithm = algorithm
		got, err := verifier(t, cfg, test.keyFile).Verify(test.token, now())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", algorithm, err, diff)
		}
	}
}

// TestBadTokens: whatever is wrong with a token but its time, the answer is the same.
func TestBadTokens(t *testing.T) {
	ed, rs := newEd25519(t), newRSA(t, 2048)
	good := hmacToken(header(), body(), secret)
	unsigned := good[:strings.LastIndex(good, ".")+1]
	none := part(header().with("alg", "none")) + "." + part(body()) + "."
	public := string(publicPEM(t, rs))
	for name, token := range map[string]string{
		"empty":                  "",
		"no parts":               "x",
		"two parts":              strings.TrimSuffix(unsigned, "."),
		"no signature":           unsigned,
		"four parts":             good + ".x",
		"alg none":               none,
		"alg None":               part(header().with("alg", "None")) + "." + part(body()) + ".",
		"no alg":                 hmacToken(header().with("alg", nil), body(), secret),
		"another hash":           hmacToken(header().with("alg", "HS512"), body(), secret),
		"an RSA key's":           signed(t, rs, header().with("alg", "RS256"), body()),
		"an Ed25519 key's":       signed(t, ed, header().with("alg", "EdDSA"), body()),
		"another secret":         hmacToken(header(), body(), secret+"x"),
		"the public key":         hmacToken(header(), body(), public),
		"a critical extension":   hmacToken(header().with("crit", []string{"x"}).with("x", 1), body(), secret),
		"its own key":            hmacToken(header().with("jwk", object{"kty": "oct", "k": "AAAA"}), body(), "\x00\x00\x00"),
		"another issuer":         hmacToken(header(), body().with("iss", "mouse"), secret),
		"no issuer":              hmacToken(header(), body().with("iss", nil), secret),
		"another audience":       hmacToken(header(), body().with("aud", "games"), secret),
		"other audiences":        hmacToken(header(), body().with("aud", []string{"a", "b"}), secret),
		"no audience":            hmacToken(header(), body().with("aud", nil), secret),
		"no expiry":              hmacToken(header(), body().with("exp", nil), secret),
		"expiry 0":               hmacToken(header(), body().with("exp", 0), secret),
		"expiry 1e300":           hmacToken(header(), body().with("exp", 1e300), secret),
		"expiry in year 10000":   hmacToken(header(), body().with("exp", lastSecond+1), secret),
		"expiry in words":        hmacToken(header(), body().with("exp", "never"), secret),
		"no account":             hmacToken(header(), body().with("sub", nil), secret),
		"a number for account":   hmacToken(header(), body().with("sub", 7), secret),
		"a long account":         hmacToken(header(), body().with("sub", strings.Repeat("x", MaxAccount+1)), secret),
		"an account in lines":    hmacToken(header(), body().with("sub", "a\nb"), secret),
		"an account that hides":  hmacToken(header(), body().with("sub", "a\u202eb"), secret),
		"roles that are a text":  hmacToken(header(), body().with("roles", "admin"), secret),
		"another and expired":    hmacToken(header(), body().with("exp", now().Unix()-1), secret+"x"),
		"expired for others":     hmacToken(header(), body().with("exp", now().Unix()-1).with("aud", "games"), secret),
		"5 KiB":                  hmacToken(header(), body().with("more", strings.Repeat("x", 5<<10)), secret),
		"64 KiB of dots":         strings.Repeat(".", 64<<10),
		"4 KiB of dots":          strings.Repeat(".", 4<<10),
		"spaces round it":        " " + good,
		"JSON serialization":     fmt.Sprintf(`{"payload":"%s","signature":"x","protected":"x"}`, part(body())),
		"a name that is a list":  hmacToken(header(), body().with("name", []string{"x"}), secret),
		"a body that is no JSON": hmacToken(header(), nil, secret)[:40] + ".AAAA.AAAA",
	} {
		who, err := verifier(t, shared(), []byte(secret)).Verify(token, now())
		if err != ErrUnauthenticated || who != (Identity{}) {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

// TestTokensOutOfTheirTime: only a token that is good otherwise is told to be late or early, to the second.
func TestTokensOutOfTheirTime(t *testing.T) {
	v := verifier(t, shared(), []byte(secret))
	for name, test := range map[string]struct {
		body object
		at   time.Duration
		want error
	}{
		"in time":       {body(), 0, nil},
		"just in time":  {body(), 600*time.Second - 1, nil},
		"expired":       {body(), 600 * time.Second, ErrExpired},
		"long expired":  {body(), 1e6 * time.Second, ErrExpired},
		"not yet":       {body().with("nbf", now().Unix()+6), 0, ErrExpired},
		"now":           {body().with("nbf", now().Unix()), 0, nil},
		"clocks differ": {body().with("nbf", now().Unix()+5).with("iat", now().Unix()+5), 0, nil},
		"in the future": {body().with("iat", now().Unix()+6), 0, ErrExpired},
	} {
		who, err := v.Verify(hmacToken(header(), test.body, secret), now().Add(test.at))
		if err != test.want || (err == nil) == who.Guest() {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

// TestNobodyChangesATokens: one with any byte changed is worthless, but for the bits of the last character that mean nothing.
func TestNobodyChangesATokens(t *testing.T) {
	v := verifier(t, shared(), []byte(secret))
	good := hmacToken(header(), body(), secret)
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(good)
		at := rapid.IntRange(0, len(b)-2).Draw(t, "at")
		b[at] = byte(rapid.IntRange(0, 255).Filter(func(n int) bool { return byte(n) != b[at] }).Draw(t, "byte"))
		if _, err := v.Verify(string(b), now()); err != ErrUnauthenticated {
			t.Errorf("%q: %v", b, err)
		}
	})
}

// TestMint: what is minted is accepted, for as long as it says; what cannot be is refused.
func TestMint(t *testing.T) {
	who := Identity{Account: "bob", Name: "Bob", Roles: Roles(0).With(Moderator), Expires: now().Add(time.Hour)}
	token, err := Mint(shared(), []byte(secret), who, now())
	if err != nil {
		t.Fatal(err)
	}
	got, err := verifier(t, shared(), []byte(secret)).Verify(token, now().Add(time.Hour-time.Second))
	if who.Roles = who.Roles.With(Player); err != nil || !got.Expires.Equal(who.Expires) || got.Account != "bob" || got.Roles != who.Roles {
		t.Errorf("%+v, %v", got, err)
	}
	for name, bad := range map[string]func(*Identity, *Config){
		"no account":   func(i *Identity, _ *Config) { i.Account = "" },
		"no expiry":    func(i *Identity, _ *Config) { i.Expires = time.Time{} },
		"expired":      func(i *Identity, _ *Config) { i.Expires = now() },
		"a long name":  func(i *Identity, _ *Config) { i.Name = strings.Repeat("x", 4<<10) },
		"no secret":    func(_ *Identity, c *Config) { c.Algorithm = EdDSA },
		"no issuer":    func(_ *Identity, c *Config) { c.Issuer = "" },
		"a line break": func(i *Identity, _ *Config) { i.Account = "a\nb" },
	} {
		who, cfg := Identity{Account: "bob", Expires: now().Add(time.Hour)}, shared()
		bad(&who, &cfg)
		if token, err := Mint(cfg, []byte(secret), who, now()); err == nil {
			t.Errorf("%s: %s", name, token)
		}
	}
}

// TestRoles: names and sets.
func TestRoles(t *testing.T) {
	var set Roles
	if !set.Has(Player) || set.Has(Admin) || set.With(Admin).Has(Moderator) {
		t.Error("sets are wrong")
	}
	if diff := cmp.Diff([]string{"player", "admin"}, set.With(Admin).Names()); diff != "" {
		t.Error(diff)
	}
	if r, err := ParseRole("moderator"); r != Moderator || err != nil {
		t.Errorf("%v, %v", r, err)
	}
	if _, err := ParseRole("king"); err == nil || Role(9).String() != "?" {
		t.Error("there is a king")
	}
}

// FuzzVerify: whatever comes in, the answer is an identity that somebody signed, or one of two errors.
func FuzzVerify(f *testing.F) {
	good := hmacToken(header(), body(), secret)
	for _, seed := range []string{
		good, "", "..", strings.Repeat(".", 100), good + "=", part(header().with("alg", "none")) + "." + part(body()) + ".",
		hmacToken(header(), body().with("exp", 1), secret), hmacToken(header().with("crit", []string{"b64"}).with("b64", false), body(), secret),
	} {
		f.Add(seed, []byte(`{"alg":"HS256"}`), []byte(`{"sub":"x"}`))
	}
	f.Add("", []byte(`{"alg":"HS256","kid":"x"}`), []byte(`{"sub":"x","iss":"house","aud":["game"],"exp":1e10,"roles":[null]}`))
	v := verifier(f, shared(), []byte(secret))
	f.Fuzz(func(t *testing.T, token string, header, body []byte) {
		check := func(token string) {
			who, err := v.Verify(token, now())
			switch {
			case err == nil:
				if !validAccount(who.Account) || !who.Expires.After(now()) || len(token) > MaxToken {
					t.Errorf("%q is good for %+v", token, who)
				}
			case err != ErrUnauthenticated && err != ErrExpired, who != (Identity{}):
				t.Errorf("%q: %+v, %v", token, who, err)
			}
		}
		check(token)
		encode := base64.RawURLEncoding.EncodeToString
		text := encode(header) + "." + encode(body) // what an issuer gone mad signs
		h := hmac.New(sha256.New, []byte(secret))
		h.Write([]byte(text))
		check(text + "." + encode(h.Sum(nil)))
	})
}

// TestErrorsSayNothing: the two errors are all that a caller can tell apart.
func TestErrorsSayNothing(t *testing.T) {
	if errors.Is(ErrUnauthenticated, ErrExpired) || errors.Is(ErrExpired, ErrUnauthenticated) {
		t.Error("the errors are one")
	}
}
