package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a program that runs beside the harness. It does not outlive it, nor its context.
type process struct {
	command *exec.Cmd
	input   io.WriteCloser
	lines   chan string // of standard error, as far as somebody reads them
	done    chan struct{}
	err     error // after done

	mu   sync.Mutex
	last []string // of standard error
}

const (
	// keptLines is how many lines of a program's log an error quotes.
	keptLines = 5
	// startTime is how long a program may take to be ready.
	startTime = 20 * time.Second
	// stopTime is how long it may take to end when it is asked to.
	stopTime = 10 * time.Second
)

// start starts a program.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, name, args...), lines: make(chan string, 64), done: make(chan struct{})}
	p.command.SysProcAttr = dieWithParent()
	p.command.WaitDelay = time.Second
	var err error
	if p.input, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	log, err := p.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go p.watch(log)
	return p, nil
}

// watch reads what a program logs, and waits for its end.
func (p *process) watch(log io.Reader) {
	defer close(p.done)
	defer close(p.lines)
	for scanner := bufio.NewScanner(log); scanner.Scan(); {
		line := scanner.Text()
		p.mu.Lock()
		p.last = append(p.last[max(0, len(p.last)-keptLines+1):], line)
		p.mu.Unlock()
		select {
		case p.lines <- line:
		default: // nobody reads
		}
	}
	p.err = p.command.Wait()
}

// pid is its process id.
func (p *process) pid() int { return p.command.Process.Pid }

// failed says why a program did not do what it was to do, in its own last words.
func (p *process) failed(what string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Errorf("%s: %s; its log ends:\n%s", p.command, what, strings.Join(p.last, "\n"))
}

// await returns the first line of the log that accept does. The error says that none came in time.
func (p *process) await(ctx context.Context, atMost time.Duration, accept func(line string) bool) error {
	timeout := time.NewTimer(atMost)
	defer timeout.Stop()
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				return p.failed("it ended")
			}
			if accept(line) {
				return nil
			}
		case <-timeout.C:
			return p.failed("nothing came in time")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ready waits for the line that says where a program listens, and returns the addresses by their keys.
func (p *process) ready(ctx context.Context) (addresses map[string]string, err error) {
	err = p.await(ctx, startTime, func(line string) bool {
		addresses = map[string]string{}
		return json.Unmarshal([]byte(line), &addresses) == nil && addresses["msg"] == "ready"
	})
	return addresses, err
}

// stop asks a program to end and waits until it has.
func (p *process) stop() error {
	_ = p.input.Close()                                                           // it may have ended
	_ = p.command.Process.Signal(syscall.SIGTERM)                                 // as above
	patience := time.AfterFunc(stopTime, func() { _ = p.command.Process.Kill() }) // as above
	defer patience.Stop()
	<-p.done
	return p.ended()
}

// ended returns how a program ended, once it has. That it was asked to is no error.
func (p *process) ended() error {
	var exit *exec.ExitError
	if errors.As(p.err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM {
		return nil
	}
	if p.err != nil {
		return p.failed(p.err.Error())
	}
	return nil
}
