package entry

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settling is how long files must be left alone before they are read again: tools write a certificate and its key one after
// the other.
const settling = 200 * time.Millisecond

// Certificates is a certificate in files, which are read again when they change.
type Certificates struct {
	load    func() (tls.Certificate, error)
	current atomic.Pointer[tls.Certificate]
	watcher *fsnotify.Watcher
	log     *slog.Logger
}

// NewCertificates loads a certificate from files, and watches the folders that they are in, since tools replace files by
// renaming others. The error says that it cannot be loaded or not be watched.
func NewCertificates(load func() (tls.Certificate, error), files []string, log *slog.Logger) (*Certificates, error) {
	c := &Certificates{load: load, log: log}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	c.watcher = watcher
	for _, file := range files {
		err = errors.Join(err, watcher.Add(filepath.Dir(file)))
	}
	if err = errors.Join(err, c.reload()); err != nil {
		return nil, errors.Join(err, watcher.Close())
	}
	return c, nil
}

// TLS returns the configuration of servers with the certificate: TLS 1.2 or newer, and the protocols that are named, as in
// http/1.1, for clients that ask (ALPN).
func (c *Certificates) TLS(protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: slices.Clone(protocols),
		DynamicRecordSizingDisabled: true, // a frame is of use when it is whole: one record, one system call
		GetCertificate:              func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}

// Until returns when the certificate ends that is current. Anybody may call it.
func (c *Certificates) Until() time.Time { return c.current.Load().Leaf.NotAfter }

// Run loads the files again when they have changed, until ctx ends. Those that cannot be loaded are told of, and the
// certificate stays what it was.
func (c *Certificates) Run(ctx context.Context) {
	defer c.watcher.Close()
	settled := time.NewTimer(0)
	settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.watcher.Events:
			settled.Reset(settling)
		case err := <-c.watcher.Errors:
			c.log.Warn("TLS certificate is not watched well", "error", err)
			settled.Reset(settling) // something may have been missed
		case <-settled.C:
			c.refresh()
		}
	}
}

// refresh loads the files again.
func (c *Certificates) refresh() {
	before := c.current.Load()
	switch err := c.reload(); {
	case err != nil:
		c.log.Error("TLS certificate stays what it was", "error", err)
	case !slices.EqualFunc(before.Certificate, c.current.Load().Certificate, slices.Equal):
		c.log.Info("TLS certificate changed", "until", c.current.Load().Leaf.NotAfter)
	}
}

// reload makes what is in the files the current certificate.
func (c *Certificates) reload() error {
	loaded, err := c.load()
	if err != nil {
		return err
	}
	c.current.Store(&loaded)
	return nil
}
