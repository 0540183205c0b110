package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"aoiworld/conf"
	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/pb"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// program is a server in a process of its own.
type program struct {
	t         *testing.T
	command   *exec.Cmd
	log       *bufio.Scanner
	pipe      io.Closer // of the log
	addresses map[string]string
}

// serve starts a server, which TestMain has put on the path, and waits until it is ready.
func serve(t *testing.T, sets ...string) *program {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals to send")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	args := []string{"serve", "--set", "log.format=json", "--set", "limits.overload_tick_share=0"} // others may use this machine, too
	for _, key := range []string{conf.ClassicAddress, conf.NativeAddress, conf.WebSocketAddress, conf.OpsAddress} {
		args = append(args, "--set", key+"=127.0.0.1:0")
	}
	for _, set := range sets {
		args = append(args, "--set", set)
	}
	p := &program{t: t, command: exec.CommandContext(ctx, "aoiworld", args...)}
	log, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = log.Close()
		_ = p.command.Wait() // it may have ended
	})
	p.log, p.pipe = bufio.NewScanner(log), log
	p.addresses = p.await("ready")
	return p
}

// await reads the log up to a message and returns the texts of its line.
func (p *program) await(message string) (texts map[string]string) {
	p.t.Helper()
	for p.log.Scan() {
		line := map[string]any{}
		if json.Unmarshal(p.log.Bytes(), &line) != nil || line["msg"] != message {
			continue
		}
		texts = map[string]string{}
		for key, value := range line {
			texts[key] = fmt.Sprint(value)
		}
		return texts
	}
	p.t.Fatalf("the log ends before %q", message)
	return nil
}

// dial connects to one of the server's listeners.
func (p *program) dial(key string) net.Conn {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.addresses[key])
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	return conn
}

// enter connects a client of the classic dialect and waits for the beginning of its welcome: who has not been accepted when the
// server stops is reset.
func (p *program) enter() net.Conn {
	p.t.Helper()
	conn := p.dial(conf.ClassicAddress)
	if _, err := io.ReadFull(conn, make([]byte, wire.HeaderSize)); err != nil {
		p.t.Fatal(err)
	}
	return conn
}

// TestSignals: SIGTERM and SIGINT let players go, and the server ends as it should; a second signal ends it at once, by itself.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := serve(t)
		conn := p.enter()
		if err := p.command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		p.await("stopping")
		if _, err := io.Copy(io.Discard, conn); err != nil { // until the server has said all
			t.Errorf("%v: the client is left with %v", signal, err)
		}
		_ = conn.Close()
		p.await("stopped")
		if err := p.command.Wait(); err != nil {
			t.Errorf("%v: it ends with %v", signal, err)
		}
	}
}

// TestSecondSignal: while there is somebody who does not go, and would be waited for.
func TestSecondSignal(t *testing.T) {
	p := serve(t, "limits.shutdown_timeout=1m")
	for range 20 {
		p.enter() // and does not go
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.await("stopping")
	ended := make(chan error, 1)
	go func() { ended <- p.command.Wait() }()
	again := time.NewTicker(time.Millisecond) // the handler goes a moment after the first signal has come
	defer again.Stop()
	for {
		select {
		case <-again.C:
			_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended
			continue
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
				t.Errorf("it ends with %v, and not by the signal", err)
			}
		}
		return
	}
}

// TestNothingHoldsUpTheTick: while nobody reads the log, which has more to say than any buffer holds, while the metrics are scraped
// without a pause, and by somebody who does not read them, a player's moves are answered as ever.
func TestNothingHoldsUpTheTick(t *testing.T) {
	p := serve(t, "log.level=debug", "limits.connections=0")
	url := "http://" + p.addresses[conf.OpsAddress] + "/metrics"
	ctx, stop := context.WithCancel(t.Context())
	scraped := make(chan int, 2)
	for range cap(scraped) {
		go func() { scraped <- scrape(ctx, url) }()
	}
	for range 3 {
		stuck := p.dial(conf.OpsAddress)
		if err := stuck.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
		go func() { // it asks and asks, and never reads
			for ctx.Err() == nil {
				if _, err := io.WriteString(stuck, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					return
				}
			}
		}()
	}
	w := &witness{program: p, Conn: p.dial(conf.ClassicAddress)}
	w.frames = wire.NewReader(w, &wire.Buffers{}, 1<<20)
	const visits = 3000 // each is told in a line of more than 100 bytes
	for i := range visits {
		visitor := p.dial(conf.ClassicAddress)
		_ = visitor.Close()
		if i%30 == 0 {
			w.move(float32(100 + i%200))
		}
	}
	stop()
	for range cap(scraped) {
		if n := <-scraped; n < 3 {
			t.Errorf("the metrics were scraped %d times", n)
		}
	}
	told := 0
	_ = p.command.Process.Signal(syscall.SIGTERM)
	for p.log.Scan() {
		if strings.Contains(p.log.Text(), "session closed") {
			told++
		}
	}
	if told == 0 || told >= visits {
		t.Errorf("%d of %d lines have come out: nothing was blocked", told, visits)
	}
}

// scrape reads the metrics again and again, and returns how often.
func scrape(ctx context.Context, url string) (times int) {
	for ; ctx.Err() == nil; times++ {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return times
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return times
		}
		_, _ = io.Copy(io.Discard, response.Body) // the test may have ended
		_ = response.Body.Close()
	}
	return times
}

// witness is a player who looks whether he is answered.
type witness struct {
	*program
	net.Conn
	frames *wire.Reader
}

// answerTime is how long a move may take to be answered: long, but not as long as the operator's pages wait for who does not read.
const answerTime = 8 * time.Second

// move moves, and waits until the world shows it.
func (w *witness) move(x float32) {
	w.t.Helper()
	if err := w.SetDeadline(time.Now().Add(answerTime)); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Write(classic.AppendMove(nil, x, 0, 100, 0)); err != nil {
		w.t.Fatal(err)
	}
	for {
		f, err := w.frames.Next()
		if err != nil {
			w.t.Fatalf("the move to %v is not answered: %v", x, err)
		}
		var told pb.BroadCast
		if f.ID == classic.IDBroadcast && proto.Unmarshal(f.Payload, &told) == nil && told.GetP().GetX() == x {
			return
		}
	}
}
