package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"aoiworld/net/codes"
	"aoiworld/net/native"
	"aoiworld/net/wire"
	nativepb "aoiworld/pb/native"
)

// ErrEnded is wrapped by the error of a client that will not come back: the server said so, or it was closed.
var ErrEnded = errors.New("session ended")

// Config says where a client connects, and as whom. Dial may be replaced; everything else but Server may be left out.
type Config struct {
	// Server is host:port for TCP, tls://host:port for TCP under TLS, or a ws:// or wss:// URL.
	Server string
	// TLS, unless nil, is how a server under TLS is checked; nil is by the system's authorities.
	TLS *tls.Config
	// Name is what a guest wishes to be called; it may be empty. Client.Name is what it is called.
	Name string
	// Token, unless nil, returns an access token that is good now: the client logs in with an account, and not as a guest. It is
	// called whenever there is nothing to resume, since tokens expire; an error counts as a connection that failed.
	Token func(ctx context.Context) (string, error)
	// Hidden has a moderator come in hidden: none but moderators are told of it. Who is none is refused.
	Hidden bool
	// Version is what the client calls itself, for the server's log.
	Version string
	// Events, unless nil, is told what happens, on the client's reading goroutine. It must not wait for the client.
	Events func(Event)
	// Retry is how long the first pause is before the connection is made anew, 250 ms by default; it doubles up to 32 times
	// as long. Below 0 there is no second connection.
	Retry time.Duration
	// Dial, unless nil, connects to the server instead of the network.
	Dial func(ctx context.Context) (Conn, error)
}

// Conn is a connection as a client needs it: whole frames in both directions.
type Conn interface {
	// Read returns the bytes of one or more whole frames, or of part of one; they are valid until the next call.
	Read() ([]byte, error)
	// Write sends one whole frame.
	Write(frame []byte) error
	// Close ends the connection.
	Close() error
}

// Event is something that happened. Which of the fields are set depends on the kind.
type Event struct {
	Kind   EventKind
	Entity Entity // of Appeared, Moved, Changed, Left: a copy
	Player int32  // of Chatted, Gestured
	Name   string // of Chatted: under which the speaker is shown
	Text   string // of Chatted, Noticed, Refused, Corrected
	Nearby bool   // of Chatted
	Number int32  // of Gestured
	ID     uint32 // of Message
	Bytes  []byte // of Message
	Err    error  // of Disconnected
}

// EventKind says what happened.
type EventKind uint8

// The kinds of events.
const (
	Connected    EventKind = iota // let in as a new player: nobody is in view but who appears from now on
	Resumed                       // let in as the same player, with the same view
	Disconnected                  // the connection was lost
	Reshaped                      // the world's cells or its tick are others: see World
	Appeared                      // somebody came into view
	Moved                         // somebody in view moved
	Changed                       // somebody's name, kind or attributes are new
	Left                          // somebody left the view
	Chatted                       // somebody said something
	Gestured                      // somebody made a gesture
	Noticed                       // the server said something
	Refused                       // something that was sent had no effect
	Corrected                     // a move was refused: oneself is elsewhere
	Message                       // a game's own
)

// Client is a player's connection to a server, which is made anew when it is lost. Its methods may be called by anybody.
type Client struct {
	cfg    Config
	cancel context.CancelFunc
	done   chan struct{}
	joined chan struct{} // closed at the first Welcome

	mu       sync.Mutex
	conn     Conn
	replica  *Replica
	welcome  *nativepb.Welcome
	lattice  native.Lattice
	token    []byte
	outlived bool // the server did not let this connection resume
	me       prediction
	paths    map[int32]*path
	world    worldClock
	clock    clock
	err      error
	sequence uint32
	events   []Event // of the frame that is taken in
}

// Dial connects, and returns when the player is in the world. The error is the context's, or says why the first connection
// did not come about. The client lives on after ctx ends; Close ends it.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.Retry == 0 {
		cfg.Retry = 250 * time.Millisecond
	}
	if cfg.Dial == nil {
		cfg.Dial = dialer(cfg.Server, cfg.TLS)
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &Client{cfg: cfg, cancel: cancel, done: make(chan struct{}), joined: make(chan struct{}), paths: map[int32]*path{}}
	c.replica = NewReplica(observer{c})
	go c.run(life)
	select {
	case <-c.joined:
		return c, nil
	case <-c.done:
		return nil, c.Err()
	case <-ctx.Done():
		c.Close()
		return nil, ctx.Err()
	}
}

// goodbyeTime is how long Close waits for a server that does not read.
const goodbyeTime = time.Second

// Close says goodbye and ends the client. It waits until that is done, for a second or so where the server does not read.
func (c *Client) Close() {
	patience := time.AfterFunc(goodbyeTime, c.cancel) // which ends the connection, and every write to it
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn != nil {
		_ = conn.Write(native.AppendMessage(nil, native.IDGoodbye, &nativepb.Goodbye{})) // it is over either way
	}
	patience.Stop()
	c.cancel()
	<-c.done
}

// Done is closed when the client has ended, Err says why.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the client has ended; nil while it lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// run keeps the client connected.
func (c *Client) run(ctx context.Context) {
	defer close(c.done)
	const most = 32 // times the first pause
	for pause := c.cfg.Retry; ; pause = min(2*pause, most*c.cfg.Retry) {
		began := time.Now()
		err := c.live(ctx)
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: closed", ErrEnded)
		}
		final := errors.Is(err, ErrEnded) || c.cfg.Retry < 0 || !c.isJoined()
		c.mu.Lock()
		if final {
			c.err = err
		}
		c.mu.Unlock()
		if c.tell([]Event{{Kind: Disconnected, Err: err}}); final {
			return
		}
		if time.Since(began) > most*c.cfg.Retry {
			pause = c.cfg.Retry
		}
		select { // somewhat more or less, so that not all who were cut off together come together
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
		}
	}
}

// isJoined reports whether the client was ever let in.
func (c *Client) isJoined() bool {
	select {
	case <-c.joined:
		return true
	default:
		return false
	}
}

// live lives one connection and returns why it has ended.
func (c *Client) live(ctx context.Context) error {
	hello, err := c.hello(ctx)
	if err != nil {
		return err
	}
	conn, err := c.cfg.Dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	c.begin(conn)
	if err := conn.Write(hello); err != nil {
		return err
	}
	var rest []byte
	for {
		b, err := conn.Read()
		if err != nil {
			return err
		}
		if rest, err = c.take(append(rest, b...)); err != nil {
			return err
		}
	}
}

// begin makes a connection the client's.
func (c *Client) begin(conn Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.outlived = conn, false
}

// hello returns the first message of a connection. It is there before the connection, since an access token may take its time.
func (c *Client) hello(ctx context.Context) ([]byte, error) {
	m := &nativepb.Hello{
		Version: native.Version, MinVersion: native.OldestVersion, Client: c.cfg.Version,
		Forms: []nativepb.Form{nativepb.Form_FORM_BITS}, Login: &nativepb.Hello_Guest{Guest: c.cfg.Name},
	}
	c.mu.Lock()
	resume := c.token
	c.mu.Unlock()
	switch {
	case resume != nil:
		m.Login = &nativepb.Hello_ResumeToken{ResumeToken: resume}
	case c.cfg.Token != nil:
		token, err := c.cfg.Token(ctx)
		if err != nil {
			return nil, fmt.Errorf("access token: %w", err)
		}
		m.Login, m.Hidden = &nativepb.Hello_AccessToken{AccessToken: token}, c.cfg.Hidden
	}
	return native.AppendMessage(nil, native.IDHello, m), nil
}

// maxFrame is the largest message that a client takes from a server (bytes).
const maxFrame = 1 << 24

// take takes in the whole frames of b and returns what is left. What happened is told when the client is whole again.
func (c *Client) take(b []byte) (rest []byte, err error) {
	for {
		f, after, err := wire.Cut(b, maxFrame)
		if errors.Is(err, wire.ErrTruncated) {
			return append([]byte(nil), b...), nil
		}
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.events = c.events[:0]
		err = c.apply(f)
		events := append([]Event(nil), c.events...)
		c.mu.Unlock()
		if c.tell(events); err != nil {
			return nil, err
		}
		b = after
	}
}

// tell tells events, on the reading goroutine.
func (c *Client) tell(events []Event) {
	if c.cfg.Events == nil {
		return
	}
	for _, e := range events {
		c.cfg.Events(e)
	}
}

// send sends a message, if there is a connection.
func (c *Client) send(frame []byte) error {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		return fmt.Errorf("%w: not connected", ErrEnded)
	}
	return conn.Write(frame)
}

// final returns why the server ended the session: an error that wraps ErrEnded when the client is not to come back.
func final(code codes.Close, text string) error {
	if code.Final() {
		return fmt.Errorf("%w: %s: %s", ErrEnded, code.Row().Name, text)
	}
	return fmt.Errorf("%s: %s", code.Row().Name, text)
}
