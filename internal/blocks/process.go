//go:build unix

package blocks

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// leftOpen is how long the output of a block may stay open after the block has ended.
const leftOpen = time.Second

// process is a block that was started: a bash and what it starts, which are one process group.
type process struct {
	block  Block
	cmd    *exec.Cmd
	output *output
	done   chan struct{} // closed when the bash has ended
}

// start starts a block.
func start(b Block, dir string, env []string) (*process, error) {
	p := &process{block: b, output: &output{ready: make(chan struct{})}, done: make(chan struct{})}
	p.cmd = exec.Command("bash", "-eu", "-c", b.Script, b.String())
	p.cmd.Dir, p.cmd.Env, p.cmd.WaitDelay = dir, env, leftOpen
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%v: %w", b, err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // ProcessState says it
	}()
	return p, nil
}

// signal sends a signal to everything that the block started and that is still in its group.
func (p *process) signal(s syscall.Signal) {
	_ = syscall.Kill(-p.cmd.Process.Pid, s) // there may be nobody left
}

// kill ends everything that the block started, at once, and waits for the bash.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// stop asks the block to end, kills what has not ended after a grace, and reports whether it had ended before.
func (p *process) stop(grace time.Duration) (byItself bool) {
	defer p.kill()
	select {
	case <-p.done:
		return true
	default:
	}
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	return false
}

// failed returns an error with all that the block is and said.
func (p *process) failed(why string) error {
	return fmt.Errorf("%v: %s\n-- script --\n%s-- output --\n%s", p.block, why, p.block.Script, p.output.String())
}

// ready finds the word by which a server says that it can be used.
var ready = regexp.MustCompile(`\bready\W`)

// output is everything that a block has said so far. Anybody may use it.
type output struct {
	ready chan struct{} // closed once the word was there

	mu   sync.Mutex
	text bytes.Buffer
	said bool
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(b)
	if !o.said && ready.Match(o.text.Bytes()) {
		o.said = true
		close(o.ready)
	}
	return len(b), nil
}

// String returns what was written.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
