package entry

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"

	"aoiworld/net/wire"
)

// attacker speaks TLS 1.3 as no library does: it has the server change its keys, and answer, again and again.
type attacker struct {
	net.Conn
	secret   []byte // RFC 8446 section 7.1
	seal     cipher.AEAD
	iv       []byte
	sequence uint64
}

// newAttacker goes on where a client's handshake has ended, from what that has logged of its keys.
func newAttacker(t *testing.T, conn net.Conn, logged []byte) *attacker {
	t.Helper()
	var random, secret string
	_, line, _ := bytes.Cut(logged, []byte("CLIENT_TRAFFIC_SECRET_0 "))
	if _, err := fmt.Sscan(string(line), &random, &secret); err != nil {
		t.Fatal(err)
	}
	a := &attacker{Conn: conn}
	raw, err := hex.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	a.use(raw)
	return a
}

// expand is HKDF-Expand-Label without a context (RFC 8446 section 7.1).
func (a *attacker) expand(label string, length int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(length))
	info = append(append(info, byte(6+len(label))), "tls13 "+label...)
	key, err := hkdf.Expand(sha256.New, a.secret, string(append(info, 0)), length)
	if err != nil {
		panic(err) // the lengths are constants
	}
	return key
}

// use takes over a secret.
func (a *attacker) use(secret []byte) {
	a.secret, a.sequence = secret, 0
	block, err := aes.NewCipher(a.expand("key", 16))
	if err == nil {
		a.seal, err = cipher.NewGCM(block)
	}
	if err != nil {
		panic(err) // the lengths are constants
	}
	a.iv = a.expand("iv", 12)
}

// record sends what a record of some type carries.
func (a *attacker) record(inner byte, carried ...byte) error {
	nonce := bytes.Clone(a.iv)
	for i, b := range binary.BigEndian.AppendUint64(nil, a.sequence) {
		nonce[4+i] ^= b
	}
	a.sequence++
	header := binary.BigEndian.AppendUint16([]byte{application, 3, 3}, uint16(len(carried)+1+a.seal.Overhead()))
	_, err := a.Write(a.seal.Seal(header, nonce, append(carried, inner), header))
	return err
}

// Types of what a record carries (RFC 8446 section 5.1).
const handshake, application = 22, 23

// demand changes the keys, and asks the server to do so, too.
func (a *attacker) demand() error {
	const keyUpdate, requested = 24, 1
	err := a.record(handshake, keyUpdate, 0, 0, 1, requested)
	a.use(a.expand("traffic upd", sha256.Size))
	return err
}

// attack runs a test against a connection under TLS whose peer is an attacker.
func attack(t *testing.T, test func(server *secured, a *attacker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		dialled, accepted := connected(t, 4096)
		forServer, forClient := configs(t)
		forClient.KeyLogWriter = &logged
		server, client := secure(accepted, forServer, func() {}), tls.Client(dialled, forClient)
		go func() { _ = client.Handshake() }()
		if err := server.Handshake(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if suite := client.ConnectionState().CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
			t.Skip("this machine prefers", tls.CipherSuiteName(suite))
		}
		test(server, newAttacker(t, dialled, logged.Bytes()))
		_, _ = server.Close(), dialled.Close()
	})
}

// between is how many records may carry nothing before TLS itself gives a peer up.
const between = 16

// TestAnswersNotRead: who has TLS answer again and again and reads nothing is cut, before that takes memory.
func TestAnswersNotRead(t *testing.T) {
	attack(t, func(server *secured, a *attacker) {
		go func() { _, _ = io.Copy(io.Discard, server) }()
		var err error
		for round := 0; round < 1000 && err == nil; round++ {
			for range between {
				err = a.demand()
			}
			if err == nil {
				err = a.record(application, 'x')
			}
		}
		synctest.Wait()
		server.below.mu.Lock()
		defer server.below.mu.Unlock()
		if held := len(server.below.rest) + len(server.below.more); err == nil || held > 2*maxAnswers {
			t.Errorf("holds %d bytes; %v", held, err)
		}
	})
}

// TestBudgetOfTLS: what comes is charged with all that TLS puts around it, but for the handshake.
func TestBudgetOfTLS(t *testing.T) {
	const burst, size = 4096, 22 // bytes of a record that carries nothing
	attack(t, func(server *secured, a *attacker) {
		link := wire.NewLink(server, wire.Budget{BytesPerSecond: 1, Burst: burst}, nil)
		go func() {
			for err := error(nil); err == nil; err = a.record(application, 'x') {
				for range between {
					_ = a.record(application)
				}
			}
		}()
		read, err := 0, error(nil)
		for n := 0; err == nil; read += n {
			n, err = link.Read(make([]byte, 64))
		}
		if !errors.Is(err, wire.ErrFlood) || read < burst/(between*size+size+1)-3 || read > burst/(between*size) {
			t.Errorf("%v after %d bytes", err, read)
		}
		_ = link.Close()
		synctest.Wait()
	})
}
