package wstest

import (
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// Reader is a server side under test. It knows the limits MaxPayload and MaxMessage, and no others.
type Reader struct {
	// Connect calls use with a connection to a fresh server, and cleans up behind it.
	Connect func(t *testing.T, use func(Session))
}

// Session is a client's connection, behind the handshake, to a server that does what all of ours do: it takes frames,
// writes the transport's answers, and when the connection ends it says why by a close message, unless there has been one
// (1003 for wire.ErrText, 1009 for wire.ErrTooLarge, 4504 for wire.ErrTruncated), ends its side, and lingers.
type Session struct {
	Client Client
	// Result waits until the server is done, which it is at the latest when the client has closed. It returns the frames
	// that were delivered, back to back, and what ended the connection.
	Result func() (frames []byte, ended error)
}

// Client is the client's side of a connection.
type Client interface {
	io.ReadWriteCloser
	CloseWrite() error
}

// cutting says where a client's bytes are cut into writes.
type cutting struct {
	name string
	next func(left int, random *rand.Rand) int
}

// cuttings returns all of them: each case is played with each.
func cuttings() []cutting {
	const most = 40 // bytes of a piece that is cut at random
	return []cutting{
		{"at once", func(left int, _ *rand.Rand) int { return left }},
		{"byte by byte", func(int, *rand.Rand) int { return 1 }},
		{"at random", func(left int, random *rand.Rand) int { return min(left, 1+random.IntN(most)) }},
	}
}

// Run plays all cases against a reader.
func Run(t *testing.T, r Reader) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			for _, cut := range cuttings() {
				r.Connect(t, func(s Session) {
					if got, want := play(s, c, cut), c.Want; !got.is(want) {
						t.Errorf("%s, section %s: got %s\nwant %s", cut.name, c.Section, got, want)
					}
				})
			}
		})
	}
}

// play is a client that sends what the case says, and listens.
func play(s Session, c Case, cut cutting) Outcome {
	random := rand.New(rand.NewPCG(seed(c.Name), 0))
	for left := c.Sends; left != ""; {
		n := cut.next(len(left), random)
		if _, err := io.WriteString(s.Client, left[:n]); err != nil {
			break // the server has gone already: what it said is what counts
		}
		left = left[n:]
	}
	if c.Want.Ends == io.ErrUnexpectedEOF {
		_ = s.Client.CloseWrite() // fails if the server has gone already
	}
	says := Listen(s.Client)
	_ = s.Client.Close()
	frames, ended := s.Result()
	return Outcome{Frames: string(frames), Says: says, Ends: ended}
}

// seed makes the same random cuts of a case every time.
func seed(name string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, name)
	return h.Sum64()
}

// Listen returns all that a server still says, in words, until it ends the stream.
func Listen(r io.Reader) string {
	var all []string
	for {
		first, payload, err := ReadMessage(r)
		if err == io.EOF {
			return strings.Join(all, ", ")
		}
		if err != nil {
			return strings.Join(append(all, err.Error()), ", ")
		}
		all = append(all, Words(first, payload))
	}
}

// is reports whether an outcome is the one that was wanted.
func (o Outcome) is(want Outcome) bool {
	return o.Frames == want.Frames && o.Says == want.Says && errors.Is(o.Ends, want.Ends)
}
