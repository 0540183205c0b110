package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"aoiworld/client_sim/link"
	"aoiworld/net/native"
	nativepb "aoiworld/pb/native"
)

// clientName is what bots say that they are.
const clientName = "client_sim"

// dial connects a bot and says what its dialect says first: with the token of a session it resumes that. joined is closed when
// the bot has been let in, or its connection has ended.
func (b *bot) dial(ctx context.Context, token []byte) (joined <-chan struct{}, err error) {
	c := b.connect()
	if b.native != nil {
		b.mu.Lock()
		b.native.connect()
		b.mu.Unlock()
	}
	l, err := b.dialer.Dial(ctx, c, b.where)
	if err != nil {
		return nil, err
	}
	b.link.Store(&l)
	if b.native == nil {
		return b.joined, nil
	}
	return b.joined, b.sayHello(l, token)
}

// sayHello sends the first message of the native dialect.
func (b *bot) sayHello(l link.Link, token []byte) error {
	hello := &nativepb.Hello{Version: native.Version, Client: clientName, Login: &nativepb.Hello_Guest{}}
	switch {
	case token != nil:
		hello.Login = &nativepb.Hello_ResumeToken{ResumeToken: token}
	case b.access != "":
		hello.Login = &nativepb.Hello_AccessToken{AccessToken: b.access}
	}
	if b.native.bits {
		hello.Forms = []nativepb.Form{nativepb.Form_FORM_BITS}
	}
	return l.Send(native.AppendMessage(nil, native.IDHello, hello))
}

// sayGoodbye tells the server that the bot does not come back: otherwise it would keep the player for a while.
func (b *bot) sayGoodbye() {
	if b.native != nil {
		_ = b.send(native.AppendMessage(nil, native.IDGoodbye, &nativepb.Goodbye{})) // it is over either way
	}
}

// sendPong answers a Ping.
func (b *bot) sendPong(m *nativepb.Pong) {
	_ = b.send(native.AppendMessage(nil, native.IDPong, m)) // a connection that takes nothing is given up for that
}

// cut cuts the connections of some bots, without a word, and lets them resume. Who cannot is counted as any connection that
// ends.
func (r *rounds) cut(ctx context.Context, n int) {
	var all sync.WaitGroup
	for _, b := range r.choose(n) {
		r.spoken = append(r.spoken, b)
		all.Go(func() { r.fleet.cut(ctx, b) })
	}
	all.Wait()
}

// cut cuts the connection of one bot and lets it resume.
func (f *fleet) cut(ctx context.Context, b *bot) {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.JoinTimeout)
	defer cancel()
	b.away.Store(true)
	defer b.away.Store(false)
	b.mu.Lock()
	token := b.native.token
	b.joinedAt = f.clock() // what was on its way to it is lost with the connection
	b.life++               // the end of this one is nobody's business
	b.mu.Unlock()
	if l := b.link.Swap(nil); l != nil {
		(*l).Cut()
	}
	joined, err := b.dial(ctx, token)
	if err == nil {
		select {
		case <-joined:
			return
		case <-ctx.Done():
			err = fmt.Errorf("resuming: %w", ctx.Err())
		}
	}
	b.gone.Store(true)
	f.ended(err)
}

// shortest and longest time for which a bot that stalls does not read.
const (
	shortestStall = time.Second
	longestStall  = 4 * time.Second
)

// stall lets some bots stop reading for a while.
func (r *rounds) stall(n int) {
	for _, b := range r.choose(n) {
		b.stall.Store(int64(shortestStall) + r.fleet.random.Int64N(int64(longestStall-shortestStall)))
	}
}
