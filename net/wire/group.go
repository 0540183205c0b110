package wire

import "sync"

// Group runs the handlers of a server's connections, each on a goroutine of its own, and waits for them. The zero value is
// ready for use; anybody may call its methods.
type Group struct {
	mu      sync.Mutex
	stopped bool
	running sync.WaitGroup
}

// Go runs a handler, or reports that the group was stopped.
func (g *Group) Go(handler func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return false
	}
	g.running.Go(handler)
	return true
}

// Stop lets no more handlers begin.
func (g *Group) Stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = true
}

// Wait returns when all handlers have returned. It is called after Stop.
func (g *Group) Wait() { g.running.Wait() }
