package link

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"
)

// outgoing is a link that keeps what it is sent.
type outgoing struct{ sent []byte }

func (o *outgoing) Send(frame []byte) error { o.sent = append(o.sent, frame...); return nil }
func (o *outgoing) Close()                  {}
func (o *outgoing) Cut()                    {}

// collector is a receiver that puts together what it gets.
type collector struct {
	got   []byte
	bytes int
}

func (c *collector) Receive(chunk []byte, bytes int) error {
	c.got = append(c.got, chunk...)
	c.bytes += bytes
	return nil
}
func (c *collector) Ended(error) {}

// decode takes a stream apart in pieces of a size and returns what it holds, what was answered, and the error.
func decode(stream []byte, size int) (got *collector, answers []byte, err error) {
	got = &collector{}
	out := &outgoing{}
	u := &unframed{to: got, answers: &framed{to: out}}
	for chunk := range slices.Chunk(stream, size) {
		if err = u.Receive(chunk, len(chunk)); err != nil {
			break
		}
	}
	return got, out.sent, err
}

func TestFrames(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct{ stream, want, err string }{
		"a message":                     {"\x82\x02hi", "hi", ""},
		"two":                           {"\x82\x02hi\x82\x01!", "hi!", ""},
		"an empty one":                  {"\x82\x00\x82\x01!", "!", ""},
		"in parts":                      {"\x02\x01h\x00\x01i\x80\x01!", "hi!", ""},
		"with a ping in it":             {"\x02\x01h\x89\x01p\x80\x01i", "hi", ""},
		"a pong":                        {"\x8a\x00\x82\x01!", "!", ""},
		"16 bits of length":             {"\x82\x7e\x01\x2c" + long, long, ""},
		"64 bits of length":             {"\x82\x7f\x00\x00\x00\x00\x00\x00\x01\x2c" + long, long, ""},
		"the beginning of a frame":      {"\x82\x05hi", "hi", ""},
		"closed":                        {"\x82\x02hi\x88\x06\x0f\xa2SLOW\x82\x02no", "hi", "close 4002 SLOW"},
		"closed without a word":         {"\x88\x00", "", "close 1005"},
		"half a code":                   {"\x88\x01\x0f", "", "half a close code"},
		"text":                          {"\x81\x02hi", "", "text message"},
		"reserved bits":                 {"\xc2\x02hi", "", "reserved bits"},
		"a reserved opcode":             {"\x83\x00", "", "opcode 3"},
		"a reserved control opcode":     {"\x8b\x00", "", "opcode 11"},
		"masked":                        {"\x82\x82\x00\x00\x00\x00hi", "", "masks nothing"},
		"a ping in parts":               {"\x09\x00", "", "control frame"},
		"a long ping":                   {"\x89\x7e\x00\x7e" + long, "", "control frame"},
		"a continuation of nothing":     {"\x80\x01!", "", "within a message: false"},
		"a message within a message":    {"\x02\x01h\x82\x01!", "h", "within a message: true"},
		"a length of more than 63 bits": {"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", "", "length"},
	} {
		for size := 1; size <= len(c.stream); size++ {
			got, _, err := decode([]byte(c.stream), size)
			if string(got.got) != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s, in pieces of %d: %q, %v; want %q, %q", name, size, got.got, err, c.want, c.err)
			}
		}
	}
}

// TestEveryByteIsAccountedFor: headers and control frames count with the payload that follows them.
func TestEveryByteIsAccountedFor(t *testing.T) {
	stream := []byte("\x82\x02hi\x89\x01p\x02\x01h\x80\x01i")
	for size := 1; size <= len(stream); size++ {
		if got, _, err := decode(stream, size); err != nil || got.bytes != len(stream) {
			t.Errorf("in pieces of %d: %d of %d bytes, %v", size, got.bytes, len(stream), err)
		}
	}
}

// canned is a connection to a server that accepts the upgrade, and then sends a stream, whatever it is told.
type canned struct {
	stream []byte
	reader bytes.Buffer
	asked  bool
}

// Write answers the request of an upgrade; what follows it is swallowed.
func (c *canned) Write(b []byte) (int, error) {
	if !c.asked {
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			return 0, err
		}
		sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		c.asked = true
		fmt.Fprintf(&c.reader, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Accept: %s\r\n\r\n%s", base64.StdEncoding.EncodeToString(sum[:]), c.stream)
	}
	return len(b), nil
}

func (c *canned) Read(b []byte) (int, error)     { return c.reader.Read(b) }
func (*canned) Close() error                     { return nil }
func (*canned) LocalAddr() net.Addr              { return nil }
func (*canned) RemoteAddr() net.Addr             { return nil }
func (*canned) SetDeadline(time.Time) error      { return nil }
func (*canned) SetReadDeadline(time.Time) error  { return nil }
func (*canned) SetWriteDeadline(time.Time) error { return nil }

// reference decodes a stream by gorilla: what its binary messages held, as far as they came, and the error with which it
// ended, if that was not the stream's end.
func reference(t testing.TB, stream []byte) (got []byte, err error) {
	conn, err := upgrade(t.Context(), "ws://reference.test/", handshake{timeout: time.Minute},
		func(context.Context, string, string) (net.Conn, error) { return &canned{stream: stream}, nil })
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		var kind int
		var message io.Reader
		if kind, message, err = conn.NextReader(); err == nil && kind != websocket.BinaryMessage {
			return got, errText
		}
		if err == nil {
			var part []byte
			part, err = io.ReadAll(message)
			got = append(got, part...)
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || websocket.IsCloseError(err, 1006) {
		return got, nil
	}
	return got, err
}

// FuzzFrames holds the decoder against gorilla's: the same bytes, and both object or neither. What a close must not say is
// gorilla's business; here it ends the link as any other.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		"\x82\x02hi", "\x02\x01h\x89\x01p\x80\x01i", "\x82\x7e\x00\x05hello", "\x88\x06\x0f\xa2SLOW", "\x81\x01t", "\xc2\x00",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		got, _, err := decode(stream, max(1, size))
		want, wantErr := reference(t, stream)
		early := wantErr == nil && errors.Is(err, errText) // gorilla wants the length first
		if !bytes.Equal(got.got, want) || (err == nil) != (wantErr == nil) && !early {
			t.Fatalf("%q: %q, %v; gorilla %q, %v", stream, got.got, err, want, wantErr)
		}
	})
}

// TestWhatIsSentCanBeRead: masked frames of any size, read back by hand.
func TestWhatIsSentCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 125, 126, 127, 65_535, 65_536}).Draw(t, "size")
		payload := bytes.Repeat([]byte{byte(n), 1, 2}, n/3+1)[:n]
		frame := appendMasked(nil, opBinary, payload)
		if frame[0] != bitFinal|opBinary || frame[1]&bitMasked == 0 {
			t.Fatalf("begins with % x", frame[:2])
		}
		mask, masked := frame[len(frame)-n-4:len(frame)-n], frame[len(frame)-n:]
		for i := range masked {
			if masked[i]^mask[i%4] != payload[i] {
				t.Fatalf("byte %d of %d is wrong", i, n)
			}
		}
		frame[1] &^= bitMasked // without the mask it is what a server might send
		bare := append(slices.Clone(frame[:len(frame)-n-4]), payload...)
		if got, _, err := decode(bare, 1000); err != nil || !bytes.Equal(got.got, payload) {
			t.Fatalf("%d bytes are read as %d, %v", n, len(got.got), err)
		}
	})
}

// TestAnswers: a ping is answered by its payload, a close by itself.
func TestAnswers(t *testing.T) {
	for stream, want := range map[string]struct {
		opcode  byte
		payload string
	}{"\x89\x02hi": {opPong, "hi"}, "\x88\x02\x0f\xa1": {opClose, "\x0f\xa1"}, "\x8a\x02hi": {}} {
		_, answer, _ := decode([]byte(stream), 1)
		if want.opcode == 0 && len(answer) == 0 {
			continue
		}
		if len(answer) != 6+len(want.payload) || answer[0] != bitFinal|want.opcode {
			t.Errorf("%q is answered by % x", stream, answer)
			continue
		}
		for i := range want.payload {
			if answer[6+i]^answer[2+i%4] != want.payload[i] {
				t.Errorf("%q is answered by % x", stream, answer)
			}
		}
	}
}

// TestWhatComesWithTheHandshakeIsNotLost: the first messages of a server may come in one piece with its consent.
func TestWhatComesWithTheHandshakeIsNotLost(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		request := make([]byte, 4096)
		n, err := conn.Read(request)
		if err != nil {
			return
		}
		eager := &canned{stream: []byte("\x82\x05hello\x82\x05w")}
		_, _ = eager.Write(request[:n])
		_, _ = conn.Write(eager.reader.Bytes())
		_, _ = conn.Write([]byte("orld"))
	}()
	d, err := New(Config{Servers: []string{"ws://" + listener.Addr().String()}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ear := newEar()
	link, err := d.Dial(t.Context(), ear, 1)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for len(got) < len("helloworld") {
		got += <-ear.chunks
	}
	if got != "helloworld" {
		t.Errorf("received %q", got)
	}
	link.Close()
	<-ear.end
}
