package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// lookEvery is how often a key file is looked at, at most.
const lookEvery = 5 * time.Second

// maxKeyFile is how long a key file may be (bytes).
const maxKeyFile = 1 << 20

// File is a Verifier whose keys are in a file, which is read anew when it has changed. One that is no good any more leaves the
// keys as they were. Everybody may use it at any time.
type File struct {
	cfg  Config
	path string
	log  *slog.Logger

	verifier atomic.Pointer[Verifier]

	mu     sync.Mutex
	looked time.Time // at the file
	seen   version   // of the file as it was read, good or not
}

// version tells one state of a file from another.
type version struct {
	changed time.Time
	size    int64
}

// Open returns a verifier with the keys of a file. The error wraps ErrKeys, or one of fs.
func Open(cfg Config, path string, log *slog.Logger) (*File, error) {
	f := &File{cfg: cfg, path: path, log: log}
	_, err := f.read()
	return f, err
}

// Verify is Verifier.Verify with the keys that the file holds now, or held a few seconds ago.
func (f *File) Verify(token string, now time.Time) (Identity, error) {
	f.refresh(now)
	return f.verifier.Load().Verify(token, now)
}

// refresh reads the file if it is time to look at it and it has changed. Who finds somebody else looking does not wait.
func (f *File) refresh(now time.Time) {
	if !f.mu.TryLock() {
		return
	}
	defer f.mu.Unlock()
	if now.Sub(f.looked) < lookEvery && !now.Before(f.looked) {
		return
	}
	f.looked = now
	switch changed, err := f.read(); {
	case err != nil && changed:
		f.log.Error("the key file is no good; the keys stay as they were", "file", f.path, "error", err)
	case changed:
		f.log.Info("keys read anew", "file", f.path)
	}
}

// read takes in the file, unless it is as it was. changed says that it was another one before.
func (f *File) read() (changed bool, err error) {
	info, err := os.Stat(f.path)
	now := version{}
	if err == nil {
		now = version{info.ModTime(), info.Size()}
	}
	if changed = now != f.seen; !changed {
		return false, err
	}
	f.seen = now
	var content []byte
	if err == nil {
		content, err = ReadKeys(f.cfg.Algorithm, f.path)
	}
	if err != nil {
		return true, err
	}
	v, err := NewVerifier(f.cfg, content)
	if err == nil {
		f.verifier.Store(v)
	}
	return true, err
}

// othersBits is what the mode of a secret's file must not have: it is nobody's but its owner's and, as many a system wants it,
// his group's.
const othersBits fs.FileMode = 0o007

// ReadKeys returns the content of a key file. One with a secret must not be everybody's to read. The error wraps ErrKeys, or one
// of fs.
func ReadKeys(algorithm Algorithm, path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, fmt.Errorf("%w: want a file of at most %d bytes", ErrKeys, maxKeyFile)
	}
	mode := info.Mode().Perm()
	if algorithm == HS256 && mode&othersBits != 0 && runtime.GOOS != "windows" { // where the bits mean nothing
		return nil, fmt.Errorf("%w: everybody may read or write the secret (mode %04o): chmod o= it", ErrKeys, mode)
	}
	return os.ReadFile(path)
}

// CreateSecret writes a random secret for HS256 into a new file that nobody but its owner may read (mode 0600), and reports
// whether it did: an existing file stays as it is.
func CreateSecret(path string) (created bool, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	secret := make([]byte, MinSecret)
	_, _ = rand.Read(secret) // it does not fail
	_, err = file.WriteString(base64.RawURLEncoding.EncodeToString(secret) + "\n")
	return true, errors.Join(err, file.Close())
}

// ReadSecret returns the secret in a file that not everybody may read, as one for HS256: at least MinSecret bytes, without
// the white space round it. The error wraps ErrKeys, or one of fs.
func ReadSecret(path string) ([]byte, error) {
	content, err := ReadKeys(HS256, path)
	if err != nil {
		return nil, err
	}
	k, err := parseSecret(bytes.TrimSpace(content))
	if err != nil {
		return nil, err
	}
	return k.only.([]byte), nil
}
