//go:build unix

package blocks

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Runner runs the blocks of a document.
type Runner struct {
	// Dir is where the blocks run, one after the other.
	Dir string
	// Env is the environment, as in os.Environ. What it says of our programs is left out.
	Env []string
	// Host chooses the loopback host on which the next server listens.
	Host func() (string, error)
	// Grace is how long a server has to go when the document ends, before it is killed. Above 0.
	Grace time.Duration
	// Progress, unless nil, is told of each block that did what it should, and how long it took.
	Progress func(b Block, took time.Duration)
}

// Run runs the blocks of one document until one fails or ctx ends. The error has the whole output of the block, and that
// of the servers. When Run returns, nothing that it started lives.
func (r *Runner) Run(ctx context.Context, blocks []Block) (err error) {
	d := document{Runner: r}
	defer func() { err = d.end(err) }()
	if err := d.move(); err != nil {
		return err
	}
	for _, b := range blocks {
		began := time.Now()
		switch b.Kind {
		case Run:
			err = d.run(ctx, b)
		case Serve:
			err = d.serve(ctx, b)
		default:
			continue
		}
		if err != nil {
			return err
		}
		if r.Progress != nil {
			r.Progress(b, time.Since(began))
		}
	}
	return nil
}

// document is a document while it is run.
type document struct {
	*Runner
	env     []string
	servers []*process
}

// move points what is started from now on at another host.
func (d *document) move() error {
	host, err := d.Host()
	if err != nil {
		return fmt.Errorf("no host for a server: %w", err)
	}
	d.env = environment(d.Env, host)
	return nil
}

// run runs a block to its end, and kills what it leaves running.
func (d *document) run(ctx context.Context, b Block) error {
	p, err := start(b, d.Dir, d.env)
	if err != nil {
		return err
	}
	defer p.kill()
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
		return p.failed(fmt.Sprintf("did not end: %v", context.Cause(ctx)))
	}
	if code := p.cmd.ProcessState.ExitCode(); code != b.Exit {
		return p.failed(fmt.Sprintf("exit code %d (%v), want %d", code, p.cmd.ProcessState, b.Exit))
	}
	return nil
}

// serve starts a block, on a host of its own if it is not the first, and waits until it says that it is ready.
func (d *document) serve(ctx context.Context, b Block) error {
	if len(d.servers) > 0 {
		if err := d.move(); err != nil {
			return err
		}
	}
	p, err := start(b, d.Dir, d.env)
	if err != nil {
		return err
	}
	d.servers = append(d.servers, p)
	select {
	case <-p.output.ready:
		return nil
	case <-p.done:
		return errors.New("its server was not ready")
	case <-ctx.Done():
		return fmt.Errorf("%v: not ready: %w", b, context.Cause(ctx))
	}
}

// end stops the servers. What they said belongs to the failure err; one that ended by itself is a failure too.
func (d *document) end(err error) error {
	for _, p := range d.servers {
		switch byItself := p.stop(d.Grace); {
		case byItself:
			err = errors.Join(err, p.failed(fmt.Sprintf("the server ended by itself: %v", p.cmd.ProcessState)))
		case err != nil:
			err = errors.Join(err, p.failed("the server meanwhile"))
		}
	}
	return err
}
