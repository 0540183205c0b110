package wire_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/memnet"
	"aoiworld/net/wire"
)

// failing is a listener that fails as told before it lets an inner one accept.
type failing struct {
	*memnet.Listener
	err   error
	until time.Time
	tries []time.Time
}

func (f *failing) Accept() (net.Conn, error) {
	f.tries = append(f.tries, time.Now())
	if time.Now().Before(f.until) {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", f.err)}
	}
	return f.Listener.Accept()
}

// TestListenerRests: without file descriptors it tries again after 10 ms, doubling to 1 s, says so once a second at most,
// and accepts within 2 s of their return.
func TestListenerRests(t *testing.T) {
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EPROTO, syscall.ENETDOWN, syscall.EPERM} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			inner := &failing{Listener: memnet.Listen(memnet.Config{}), err: cause, until: began.Add(20 * time.Second)}
			var text bytes.Buffer
			l := wire.NewListener(inner, wire.DefaultSocketOptions(), slog.New(slog.NewTextHandler(&text, nil)))
			if _, err := inner.Dial(); err != nil {
				t.Fatal(err)
			}
			if _, err := l.Accept(); err != nil {
				t.Fatal(err)
			}
			if late := time.Since(inner.until); late > time.Second {
				t.Errorf("%v: accepted %v after the cause had gone", cause, late)
			}
			want := 10 * time.Millisecond
			for i := 1; i < len(inner.tries); i++ {
				if got := inner.tries[i].Sub(inner.tries[i-1]); got != want {
					t.Fatalf("%v: rest %d took %v, want %v", cause, i, got, want)
				}
				want = min(2*want, time.Second)
			}
			if lines := strings.Count(text.String(), "\n"); lines < 2 || lines > 21 {
				t.Errorf("%v: %d log lines in 20 s", cause, lines)
			}
		})
	}
}

// TestListenerRestsAfresh: after a success the next trouble is met with short rests again.
func TestListenerRestsAfresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := &failing{Listener: memnet.Listen(memnet.Config{}), err: syscall.EMFILE, until: time.Now().Add(3 * time.Second)}
		l := wire.NewListener(inner, wire.SocketOptions{}, slog.New(slog.DiscardHandler))
		for range 2 {
			if _, err := inner.Dial(); err != nil {
				t.Fatal(err)
			}
			if _, err := l.Accept(); err != nil {
				t.Fatal(err)
			}
			inner.tries, inner.until = nil, time.Now().Add(time.Millisecond)
		}
		inner.until = time.Now().Add(time.Millisecond)
		if _, err := inner.Dial(); err != nil {
			t.Fatal(err)
		}
		before := time.Now()
		if _, err := l.Accept(); err != nil || time.Since(before) != 10*time.Millisecond {
			t.Errorf("accepted after %v, %v", time.Since(before), err)
		}
	})
}

// TestListenerStops: closing ends Accept, while it waits and while it rests; other errors are returned.
func TestListenerStops(t *testing.T) {
	for name, until := range map[string]time.Duration{"waiting": 0, "resting": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := &failing{Listener: memnet.Listen(memnet.Config{}), err: syscall.EMFILE, until: time.Now().Add(until)}
				l := wire.NewListener(inner, wire.SocketOptions{}, slog.New(slog.DiscardHandler))
				done := make(chan error, 1)
				go func() {
					_, err := l.Accept()
					done <- err
				}()
				began := time.Now()
				time.AfterFunc(30*time.Second, func() { _ = l.Close() })
				if err := <-done; !errors.Is(err, net.ErrClosed) || time.Since(began) != 30*time.Second {
					t.Errorf("Accept ended with %v after %v", err, time.Since(began))
				}
			})
		})
	}
	inner := &failing{Listener: memnet.Listen(memnet.Config{}), err: syscall.EINVAL, until: time.Now().Add(time.Hour)}
	l := wire.NewListener(inner, wire.SocketOptions{}, slog.New(slog.DiscardHandler))
	if _, err := l.Accept(); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("an error that does not pass: %v", err)
	}
}
