package world

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Errors of the manager.
var (
	// ErrNoWorld: no world has the name.
	ErrNoWorld = errors.New("no such world")
	// ErrDuplicate: a world of the name exists already.
	ErrDuplicate = errors.New("world exists already")
	// ErrNoIDs: the server has used up its player ids.
	ErrNoIDs = errors.New("no player id is left")
)

// Manager is the WorldManager: the worlds of a server by name, and the ids of all their players. Worlds are added before
// Run; everything else may be called from any goroutine at any time.
type Manager struct {
	lastID atomic.Int64

	mu     sync.RWMutex
	worlds map[string]*Loop
	order  []*Loop // as added
}

// NewManager returns a manager without worlds.
func NewManager() *Manager { return &Manager{worlds: make(map[string]*Loop)} }

// Add puts a world under its name. The error wraps ErrDuplicate.
func (m *Manager) Add(l *Loop) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.worlds[l.cfg.Name]; taken {
		return fmt.Errorf("%w: %q", ErrDuplicate, l.cfg.Name)
	}
	m.worlds[l.cfg.Name] = l
	m.order = append(m.order, l)
	return nil
}

// World returns the world of a name. The error wraps ErrNoWorld.
func (m *Manager) World(name string) (*Loop, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if l, ok := m.worlds[name]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrNoWorld, name)
}

// NextID returns an id that nobody of the server ever had; they start at 1. The error is ErrNoIDs.
func (m *Manager) NextID() (ID, error) {
	r, err := m.NextIDs(1)
	return r.First, err
}

// NextIDs returns n ids that nobody of the server ever had. The error is ErrNoIDs.
func (m *Manager) NextIDs(n int32) (IDRange, error) {
	last := m.lastID.Add(int64(n))
	if last > math.MaxInt32 {
		return IDRange{}, ErrNoIDs
	}
	return IDRange{First: ID(last) - ID(n) + 1, Count: n}, nil
}

// Snapshots returns what each world published last, in the order in which they were added.
func (m *Manager) Snapshots() []*Snapshot {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]*Snapshot, len(m.order))
	for i, l := range m.order {
		all[i] = l.Snapshot()
	}
	return all
}

// Run runs all worlds until ctx ends, each on a goroutine of its own, or until one of them is broken, of which the error tells.
func (m *Manager) Run(ctx context.Context) error {
	m.mu.RLock()
	running, ctx := errgroup.WithContext(ctx)
	for _, l := range m.order {
		running.Go(func() error { return l.Run(ctx) })
	}
	m.mu.RUnlock()
	return running.Wait()
}
