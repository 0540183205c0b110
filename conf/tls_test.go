package conf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aoiworld/net/entry"
)

// pair writes a certificate and its key.
func pair(t testing.TB) (certificate, key string) {
	t.Helper()
	c, k, err := entry.SelfSigned([]string{"localhost"}, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return file(t, string(c)), file(t, string(k))
}

// TestTLSFiles: what cannot be used is told with its key, before anything is bound.
func TestTLSFiles(t *testing.T) {
	certificate, key := pair(t)
	_, foreign := pair(t)
	open := file(t, "")
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	const cert, secret = "net.tls.cert_file", "net.tls.key_file"
	missing := filepath.Join(t.TempDir(), "none.pem")
	for name, test := range map[string]struct {
		sets []string
		told string
	}{
		"a certificate alone":    {[]string{cert + "=" + certificate}, secret + ": want the key of " + cert},
		"a key alone":            {[]string{secret + "=" + key}, cert + ": want the certificate of " + secret},
		"a missing certificate":  {[]string{cert + "=" + missing, secret + "=" + key}, cert + ": open " + missing},
		"a missing key":          {[]string{cert + "=" + certificate, secret + "=" + missing}, secret + ": stat " + missing},
		"a key for everybody":    {[]string{cert + "=" + certificate, secret + "=" + open}, secret + ": everybody may read or write"},
		"the key of another":     {[]string{cert + "=" + certificate, secret + "=" + foreign}, secret + ": "},
		"a key for the key":      {[]string{cert + "=" + key, secret + "=" + key}, secret + ": "},
		"a certificate as a key": {[]string{cert + "=" + certificate, secret + "=" + certificate}, secret + ": "},
	} {
		if told := problems(t, Source{Sets: test.sets}); len(told) != 1 || !strings.HasPrefix(told[0], test.told) {
			t.Errorf("%s: told %q", name, told)
		}
	}
}

// TestTLSAllowsPublicAddresses: with TLS players' listeners may be anywhere, the operator's may not.
func TestTLSAllowsPublicAddresses(t *testing.T) {
	certificate, key := pair(t)
	sets := []string{"net.tls.cert_file=" + certificate, "net.tls.key_file=" + key, "auth.mode=guests"}
	for address, good := range map[string]bool{ClassicAddress: true, NativeAddress: true, WebSocketAddress: true, OpsAddress: false} {
		c, err := Load(Source{Sets: append(sets, address+"=0.0.0.0:1")})
		if (err == nil) != good || good && !c.Net.TLS.On() {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestKeyModes: a key is its owner's, and his group may have it; others may not.
func TestKeyModes(t *testing.T) {
	_, key := pair(t)
	for mode, good := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o640: true, 0o440: true, 0o660: true, 0o644: false, 0o604: false, 0o602: false, 0o666: false, 0o601: false,
	} {
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := readKey(key); (err == nil) != good {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestNetworks(t *testing.T) {
	for network, good := range map[string]bool{
		"10.0.0.0/8": true, "127.0.0.1/32": true, "2001:db8::/32": true, "::1/128": true, "0.0.0.0/0": true,
		"": false, "10.0.0.0": false, "10.0.0.1/8": false, "10.0.0.0/33": false, "example.org/8": false, "*": false,
		"::ffff:10.0.0.0/104": false, "2001:db8::1/32": false,
	} {
		if text := badNetworks([]string{"192.0.2.0/24", network}); (text == "") != good {
			t.Errorf("%q: told %q", network, text)
		}
	}
}
