package auth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// jwk is a public key of a set.
func jwk(t testing.TB, key any, kid string) object {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return object{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": encode(key.Public().(ed25519.PublicKey))}
	case *big.Int: // a modulus
		return object{"kty": "RSA", "kid": kid, "n": encode(key.Bytes()), "e": "AQAB"}
	}
	t.Fatalf("%T", key)
	return nil
}

// set is a JSON Web Key Set.
func set(keys ...object) []byte {
	b, err := json.Marshal(object{"keys": keys})
	if err != nil {
		panic(err)
	}
	return b
}

// TestSets: a token's key is found by its id; where there is only one the id may be left out.
func TestSets(t *testing.T) {
	cfg := shared()
	cfg.Algorithm = EdDSA
	a, b := newEd25519(t), newEd25519(t)
	rs := newRSA(t, 2048)
	two := verifier(t, cfg, set(jwk(t, a, "a"), jwk(t, b, "b").with("use", "sig").with("alg", "EdDSA"), jwk(t, rs.N, "c")))
	one := verifier(t, cfg, set(jwk(t, a, "a"), jwk(t, b, "b").with("use", "enc"), jwk(t, rs.N, "a")))
	for name, test := range map[string]struct {
		in   *Verifier
		key  ed25519.PrivateKey
		kid  any
		good bool
	}{
		"first":              {two, a, "a", true},
		"second":             {two, b, "b", true},
		"another's id":       {two, a, "b", false},
		"unknown id":         {two, a, "z", false},
		"another type's":     {two, a, "c", false},
		"no id":              {two, a, nil, false},
		"the only one":       {one, a, "a", true},
		"the only one's id":  {one, a, "z", false},
		"no id, no doubt":    {one, a, nil, true},
		"for encryption":     {one, b, "b", false},
		"an id that is none": {one, a, 7, false},
	} {
		token := signed(t, test.key, header().with("alg", "EdDSA").with("kid", test.kid), body())
		if _, err := test.in.Verify(token, now()); (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	cfg.Algorithm = RS256
	v := verifier(t, cfg, set(jwk(t, rs.N, "r"), jwk(t, a, "a"), object{"kty": "new", "kid": "n"}))
	if _, err := v.Verify(signed(t, rs, header().with("alg", "RS256").with("kid", "r"), body()), now()); err != nil {
		t.Errorf("RSA: %v", err)
	}
}

// TestUnusableKeys: each is refused, and the error says why.
func TestUnusableKeys(t *testing.T) {
	ed, rs, weak := newEd25519(t), newRSA(t, 2048), newRSA(t, 1024)
	der, err := x509.MarshalPKCS8PrivateKey(ed)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	encoded := base64.RawURLEncoding.EncodeToString
	for name, test := range map[string]struct {
		algorithm Algorithm
		file      []byte
		told      string
	}{
		"no algorithm":      {"", []byte(secret), `unknown algorithm ""`},
		"another algorithm": {"none", []byte(secret), `unknown algorithm "none"`},
		"no secret":         {HS256, nil, "at least 32 bytes, got 0"},
		"a short secret":    {HS256, []byte(secret[1:] + "\n \n"), "at least 32 bytes, got 31"},
		"a weak secret":     {HS256, bytes.Repeat([]byte("secret"), 20), "got one of 5 different bytes"},
		"a public secret":   {HS256, publicPEM(t, ed), "want a secret, got PEM"},
		"no key":            {EdDSA, nil, "want a public key in PEM"},
		"a secret for key":  {EdDSA, []byte(secret), "want a public key in PEM"},
		"a private key":     {EdDSA, private, `want a PUBLIC KEY, got a "PRIVATE KEY"`},
		"two keys":          {EdDSA, append(publicPEM(t, ed), publicPEM(t, ed)...), "want one public key"},
		"no DER":            {EdDSA, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY"}), "asn1"},
		"another type":      {EdDSA, publicPEM(t, rs), "*rsa.PublicKey is not for EdDSA"},
		"the other type":    {RS256, publicPEM(t, ed), "ed25519.PublicKey is not for RS256"},
		"a weak RSA key":    {RS256, publicPEM(t, weak), "at least 2048 bits, got 1024"},
		"no JSON":           {EdDSA, []byte("{"), "unexpected end"},
		"an empty set":      {EdDSA, set(), "none of the set's 0 keys"},
		"a set of others":   {EdDSA, set(jwk(t, rs.N, "r")), "none of the set's 1 keys"},
		"a weak set":        {RS256, set(jwk(t, weak.N, "r")), "none of the set's 1 keys"},
		"one id twice":      {EdDSA, set(jwk(t, ed, "a"), jwk(t, newEd25519(t), "a")), `two keys are called "a"`},
		"a private set":     {EdDSA, set(jwk(t, ed, "a").with("d", encoded(ed.Seed()))), "not a public one"},
		"a secret set":      {EdDSA, set(object{"kty": "oct", "kid": "s", "k": encoded([]byte(secret))}), "not a public one"},
	} {
		cfg := shared()
		cfg.Algorithm = test.algorithm
		_, err := NewVerifier(cfg, test.file)
		if !errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), test.told) {
			t.Errorf("%s: %v, want %q", name, err, test.told)
		}
	}
	if _, err := NewVerifier(Config{Algorithm: HS256, Issuer: "x"}, []byte(secret)); !errors.Is(err, ErrKeys) {
		t.Errorf("without an audience: %v", err)
	}
}

// TestFilesAreReadAnew: keys change with their file, unless what is there now is no good; a good one is taken again.
func TestFilesAreReadAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	other := strings.ToUpper(secret)
	at, version := now(), 0
	write := func(content string) {
		version++
		must(t, os.WriteFile(path, []byte(content), 0o600))
		must(t, os.Chtimes(path, time.Time{}, now().Add(time.Duration(version)*time.Second)))
	}
	var log bytes.Buffer
	write(secret)
	f, err := Open(shared(), path, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	good := func(with string) bool {
		_, err := f.Verify(hmacToken(header(), body(), with), at)
		return err == nil
	}
	for _, step := range []struct {
		name       string
		write      string // nothing is removing the file
		after      time.Duration
		first, new bool
		logged     string
	}{
		{"as opened", secret, time.Second, true, false, ""},
		{"changed, and too early to look", other, time.Second, true, false, ""},
		{"changed", other, lookEvery, false, true, "read anew"},
		{"weak", "weak", lookEvery, false, true, "no good"},
		{"weak still", "weak", 0, false, true, ""},
		{"gone", "", lookEvery, false, true, "no such file"},
		{"back", secret, lookEvery, true, false, "read anew"},
		{"the clock goes back", other, -20 * time.Second, false, true, "read anew"},
	} {
		log.Reset()
		if at = at.Add(step.after); step.write != "" {
			write(step.write)
		} else {
			must(t, os.Remove(path))
		}
		if good(secret) != step.first || good(other) != step.new || !strings.Contains(log.String(), step.logged) {
			t.Errorf("%s: %v, %v, logged %q", step.name, good(secret), good(other), &log)
		}
	}
}

// TestOpenRefuses: what is no key file.
func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	if _, err := Open(shared(), filepath.Join(folder, "none"), slog.Default()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open(shared(), folder, slog.Default()); !errors.Is(err, ErrKeys) {
		t.Errorf("a folder: %v", err)
	}
	long := filepath.Join(folder, "long")
	must(t, os.WriteFile(long, make([]byte, maxKeyFile+1), 0o600))
	if _, err := Open(shared(), long, slog.Default()); !errors.Is(err, ErrKeys) {
		t.Errorf("a long file: %v", err)
	}
}

// TestSecretsAreNotEverybodys: a file with a secret that others may read or write is refused; public keys are public.
func TestSecretsAreNotEverybodys(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	path := filepath.Join(t.TempDir(), "keys")
	must(t, os.WriteFile(path, []byte(secret), 0o600))
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o440: true, 0o640: true, 0o644: false, 0o602: false, 0o666: false} {
		must(t, os.Chmod(path, mode))
		_, err := ReadKeys(HS256, path)
		if good != (err == nil) || !good && (!errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), "everybody may read or write")) {
			t.Errorf("%v: %v", mode, err)
		}
		_, err = ReadKeys(EdDSA, path)
		must(t, err)
	}
}

// TestCreateSecret: a new one is random and nobody else's; an old one stays.
func TestCreateSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	created, err := CreateSecret(path)
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	first, err := ReadKeys(HS256, path)
	must(t, err)
	if _, err := NewVerifier(shared(), first); err != nil || !created || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, created: %v", err, info.Mode(), created)
	}
	created, err = CreateSecret(path)
	if again, _ := ReadKeys(HS256, path); err != nil || created || !bytes.Equal(first, again) {
		t.Errorf("an old secret was replaced: %v", err)
	}
	if _, err := CreateSecret(filepath.Join(path, "below")); err == nil {
		t.Error("a file is a folder")
	}
}

// must fails the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
