package conf

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"runtime"
)

// othersBits is what the mode of a key must not have: it is nobody's but its owner's and, as many a system wants it, his
// group's.
const othersBits fs.FileMode = 0o007

// On reports whether there is to be TLS.
func (t *TLS) On() bool { return t.CertFile != "" }

// Load reads the certificate and its key. The error names the key of the configuration.
func (t *TLS) Load() (tls.Certificate, error) {
	certificate, err := os.ReadFile(t.CertFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("net.tls.cert_file: %w", err)
	}
	key, err := readKey(t.KeyFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("net.tls.key_file: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("net.tls.key_file: no key of %s: %w", quote(t.CertFile), err)
	}
	return pair, nil
}

// readKey reads a file that others must not be able to read.
func readKey(name string) ([]byte, error) {
	about, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if mode := about.Mode().Perm(); mode&othersBits != 0 && runtime.GOOS != "windows" { // where the bits mean nothing
		return nil, fmt.Errorf("everybody may read or write %s (mode %04o): chmod o= it", quote(name), mode)
	}
	return os.ReadFile(name)
}

// check notes files that cannot be used.
func (t *TLS) check(problems *Error) {
	switch {
	case t.CertFile == "" && t.KeyFile == "":
	case t.CertFile == "":
		problems.add("net.tls.cert_file: want the certificate of net.tls.key_file")
	case t.KeyFile == "":
		problems.add("net.tls.key_file: want the key of net.tls.cert_file")
	default:
		if _, err := t.Load(); err != nil {
			problems.add("%v", err)
		}
	}
}

// Networks returns the networks of trusted proxies, of a configuration that was checked.
func (p *Proxy) Networks() (networks []netip.Prefix) {
	for _, text := range p.Trusted {
		networks = append(networks, netip.MustParsePrefix(text))
	}
	return networks
}
