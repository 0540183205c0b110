package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"aoiworld/net/malformed"
)

// hostileClients is what `bench hostile` does.
type hostileClients struct {
	at     malformed.Addresses
	frames int           // of each kind, over all ways together
	over   time.Duration // in which they are sent
	decent bool          // moves are sent in their place
	square float64       // world units of the map's side

	sent, bytes, connections, failed, unended atomic.Int64
}

// hostileCommand returns `bench hostile`.
func hostileCommand() *cobra.Command {
	var o hostileClients
	var atMost time.Duration
	c := &cobra.Command{
		Use: "hostile", Short: "Clients that send malformed frames when a line comes on standard input",
		Long: "Sends frames that are wrong in forty ways, over TCP and WebSocket, in both dialects, before the client is in\n" +
			"the world and after. Each connection sends as many as end it. With --decent the same connections send as many\n" +
			"moves of as many bytes instead: a control. It says what it has sent, and leaves when standard input ends.",
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&o.at.Classic, "classic", "127.0.0.1:8999", "host:port of the classic dialect")
	c.Flags().StringVar(&o.at.Native, "native", "127.0.0.1:9000", "host:port of the native dialect")
	c.Flags().StringVar(&o.at.WebSocket, "websocket", "127.0.0.1:8080", "host:port of the WebSocket")
	c.Flags().StringVar(&o.at.Path, "path", "/ws", "path of the WebSocket")
	c.Flags().IntVar(&o.frames, "frames", 5000, "how many of each kind")
	c.Flags().DurationVar(&o.over, "over", time.Minute, "in which time")
	c.Flags().BoolVar(&o.decent, "decent", false, "send as many bytes of moves instead")
	c.Flags().Float64Var(&o.square, "square", 300, "world units of the sides of the map, which begins at 0, 0")
	c.Flags().DurationVar(&atMost, "for", lifetime, "end after this time")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(c.Context(), atMost)
		defer cancel()
		return o.run(ctx, c.InOrStdin(), slog.New(slog.NewJSONHandler(c.ErrOrStderr(), nil)))
	}
	return c
}

// offence is what one connection does.
type offence struct {
	kind    malformed.Kind
	way     malformed.Way
	entered bool
	frames  int
}

// run sends everything when a line is read, and says what it was.
func (o *hostileClients) run(ctx context.Context, in io.Reader, log *slog.Logger) error {
	all := offences(o.frames)
	log.Info("ready", "connections", strconv.Itoa(len(all)))
	lines := bufio.NewScanner(in)
	if lines.Scan() {
		o.send(ctx, all)
		log.Info("sent", "frames", o.sent.Load(), "bytes", o.bytes.Load(), "connections", o.connections.Load(),
			"failed", o.failed.Load(), "unended", o.unended.Load())
		lines.Scan() // until the end
	}
	return nil
}

// unending is how many frames a connection sends that they do not end.
const unending = 20

// offences returns what connections have to do for so many frames of each kind, at least, in an order of no meaning.
func offences(frames int) (all []offence) {
	for _, kind := range malformed.Kinds() {
		var suit []offence
		for _, way := range malformed.Ways {
			if kind.Suits(way) {
				suit = append(suit, offence{kind: kind, way: way}, offence{kind: kind, way: way, entered: true})
			}
		}
		for _, o := range suit {
			if o.frames = kind.Last(o.way, o.entered); o.frames == 0 {
				o.frames = unending
			}
			for left := (frames + len(suit) - 1) / len(suit); left > 0; left -= o.frames {
				all = append(all, o)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 1))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// offenders is how many connections there are at once, at most.
const offenders = 200

// send has all connections do what they have to, spread evenly over the time.
func (o *hostileClients) send(ctx context.Context, all []offence) {
	queue := make(chan int)
	var working sync.WaitGroup
	for range offenders {
		working.Go(func() {
			for i := range queue {
				random := rand.New(rand.NewPCG(uint64(i), 2))
				if err := o.offend(ctx, all[i], random); err != nil {
					o.failed.Add(1)
				}
			}
		})
	}
	began := time.Now()
	for i := range all {
		if waitUntil(ctx, began.Add(o.over*time.Duration(i)/time.Duration(len(all)))) != nil {
			break
		}
		queue <- i
	}
	close(queue)
	working.Wait()
}

// offend connects, sends, and waits for the end if there is to be one. In a decent world everybody enters, and goes by himself.
func (o *hostileClients) offend(ctx context.Context, does offence, random *rand.Rand) error {
	const patience = 10 * time.Second
	c, err := malformed.Dial(ctx, o.at, does.way, patience)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.Close()
	o.connections.Add(1)
	if does.entered || o.decent {
		if err := c.Enter(); err != nil {
			return fmt.Errorf("enter: %w", err)
		}
	}
	var b []byte
	for range does.frames {
		frame := does.kind.Bytes(does.way, random)
		if o.decent {
			frame = malformed.Honest(does.way, len(frame), float32(o.square), random)
		}
		b = append(b, frame...)
	}
	n, _ := c.Write(b) // the server may have closed before it is all out
	o.sent.Add(int64(does.frames))
	o.bytes.Add(int64(n))
	switch {
	case o.decent:
		err = c.Leave()
	case does.kind.Last(does.way, does.entered) > 0:
		_, err = c.Ended()
	}
	if err != nil {
		o.unended.Add(1)
	}
	return c.Conn.(*net.TCPConn).SetLinger(0) // so that no port waits
}
