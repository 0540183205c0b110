package server

import (
	"net"

	"aoiworld/conf"
	"aoiworld/net/entry"
	"aoiworld/net/wire"
)

// guard puts what connections have to go through in front of the players' listeners: PROXY headers and TLS, if there are to
// be any. The error names a key of the configuration.
func (s *Server) guard(listeners map[string]net.Listener) (err error) {
	c := &s.cfg.Net
	if c.TLS.On() {
		s.certificates, err = entry.NewCertificates(c.TLS.Load, []string{c.TLS.CertFile, c.TLS.KeyFile}, s.log)
		if err != nil {
			return err
		}
	} else if len(c.Proxy.Trusted) == 0 {
		return nil
	}
	for _, key := range []string{conf.ClassicAddress, conf.NativeAddress, conf.WebSocketAddress} {
		if l := listeners[key]; l != nil {
			listeners[key] = entry.NewListener(l, s.entryConfig(key), s.log)
		}
	}
	return nil
}

// entryConfig is what the connections of a listener go through.
func (s *Server) entryConfig(key string) entry.Config {
	c := entry.Config{Trusted: s.cfg.Net.Proxy.Networks(), Sockets: s.sockets(), Stats: &s.failed}
	if s.certificates == nil {
		return c
	}
	c.Gate = s.gate
	if key == conf.WebSocketAddress {
		c.TLS = s.certificates.TLS("http/1.1")
	} else {
		c.TLS = s.certificates.TLS()
	}
	return c
}

// frontendGate is who the frontends ask. With TLS it is nobody: the gate is in front of the handshake.
func (s *Server) frontendGate() *wire.Gate {
	if s.certificates != nil {
		return nil
	}
	return s.gate
}

// sockets is how players' connections are set up.
func (s *Server) sockets() wire.SocketOptions {
	options := wire.DefaultSocketOptions()
	options.SendBuffer, options.ReceiveBuffer = s.cfg.Net.SendBuffer, s.cfg.Net.ReceiveBuffer
	return options
}
