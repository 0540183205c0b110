package wire

import (
	"net"
	"sync"
)

// Watched is a connection that never waits, and says itself when it can be read: its Read fails with ErrNothing when nothing
// has arrived.
type Watched interface {
	// Watch has begin called, and what it returns whenever there may be something to read, one call at a time, until it reports
	// false; then done.
	Watch(begin func() (read func() (more bool)), done func())
}

// Group has the connections of a frontend read: those that are Watched when they can be, each other one by a goroutine of its
// own. The zero value is ready for use; anybody may call its methods.
type Group struct {
	mu      sync.Mutex
	stopped bool
	running sync.WaitGroup
}

// Read begins with a connection and has it read until read reports that no more comes; or it reports that the group was
// stopped.
func (g *Group) Read(conn net.Conn, begin func() (read func() (more bool))) bool {
	if !g.enter() {
		return false
	}
	if watched, ok := conn.(Watched); ok {
		watched.Watch(begin, g.running.Done)
		return true
	}
	go func() {
		defer g.running.Done()
		for read := begin(); read(); {
		}
	}()
	return true
}

// enter counts one more, unless the group was stopped.
func (g *Group) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.stopped {
		g.running.Add(1)
	}
	return !g.stopped
}

// Stop lets no more connections in.
func (g *Group) Stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = true
}

// Wait returns when no connection is read any more. It is called after Stop.
func (g *Group) Wait() { g.running.Wait() }
