package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
)

// slowClients is what `bench slow` does.
type slowClients struct {
	server  string
	clients int
	pause   time.Duration // 0 is for good
	size    int           // SO_RCVBUF, bytes
}

// slowCommand returns `bench slow`.
func slowCommand() *cobra.Command {
	var o slowClients
	var atMost time.Duration
	c := &cobra.Command{
		Use: "slow", Short: "Clients that stop reading when a line comes on standard input",
		Long: "Connects clients of the classic dialect over TCP, which read until a line comes on standard input. Then they\n" +
			"stop, for a time or for good. When standard input ends, they leave.",
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&o.server, "server", "127.0.0.1:8999", "host:port")
	c.Flags().IntVar(&o.clients, "clients", 20, "how many")
	c.Flags().DurationVar(&o.pause, "pause", 0, "how long they do not read; 0 is for good")
	c.Flags().IntVar(&o.size, "receive-buffer", 16<<10, "bytes that the kernel takes for a client that does not read")
	c.Flags().DurationVar(&atMost, "for", lifetime, "end after this time")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(c.Context(), atMost)
		defer cancel()
		return o.run(ctx, c.InOrStdin(), slog.New(slog.NewJSONHandler(c.ErrOrStderr(), nil)))
	}
	return c
}

// run connects the clients and lets them stop when a line is read.
func (o *slowClients) run(ctx context.Context, in io.Reader, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	var group errgroup.Group
	for range o.clients {
		conn, err := o.join(ctx)
		if err != nil {
			return fmt.Errorf("slow client: %w", err)
		}
		conns = append(conns, conn)
		group.Go(func() error { return o.read(ctx, conn) })
	}
	log.Info("ready")
	lines := bufio.NewScanner(in)
	if lines.Scan() {
		for _, conn := range conns {
			_ = conn.SetReadDeadline(time.Unix(1, 0)) // one that has ended does not read
		}
		lines.Scan() // until the end
	}
	cancel()
	for _, conn := range conns {
		conn.Close()
	}
	return group.Wait()
}

// join connects a client and waits until the server has let it in.
func (o *slowClients) join(ctx context.Context) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", o.server)
	if err != nil {
		return nil, err
	}
	err = conn.(*net.TCPConn).SetReadBuffer(o.size)
	if err == nil {
		err = awaitSnapshot(conn)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// awaitSnapshot reads until the server has let a client in.
func awaitSnapshot(conn net.Conn) error {
	const patience, largest = 10 * time.Second, 1 << 20
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	for r := wire.NewReader(conn, &wire.Buffers{}, largest); ; {
		f, err := r.Next()
		if err != nil {
			return err
		}
		if f.ID == classic.IDSnapshot {
			return conn.SetReadDeadline(time.Time{})
		}
	}
}

// read reads until its deadline, and again after the pause. That the connection ends is for the server to tell.
func (o *slowClients) read(ctx context.Context, conn net.Conn) error {
	if _, err := io.Copy(io.Discard, conn); !isTimeout(err) {
		return nil
	}
	pause := time.After(o.pause)
	if o.pause == 0 {
		pause = nil
	}
	select {
	case <-ctx.Done():
	case <-pause:
		if conn.SetReadDeadline(time.Time{}) == nil {
			_, _ = io.Copy(io.Discard, conn) // as above
		}
	}
	return nil
}

// isTimeout reports whether a read was interrupted by its deadline.
func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
