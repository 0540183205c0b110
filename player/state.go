package player

// State is where a session stands in its life. The set is fixed: it labels metrics.
type State uint8

// The states of a session.
const (
	// Connecting sessions are not in a world yet.
	Connecting State = iota
	// Active sessions are shown their world.
	Active
	// Lagging sessions are in their world and miss what happens until their connection takes bytes again.
	Lagging
	// Leaving sessions have ended and wait for their connection to be done with.
	Leaving
	// States is how many there are.
	States
)

// String returns the state's metric label.
func (s State) String() string {
	return [...]string{"connecting", "active", "lagging", "leaving", "?"}[min(s, States)]
}

// transitions is the table of what may follow what. Every state may end; nothing follows the end.
var transitions = [States][States]bool{
	Connecting: {Active: true, Leaving: true},
	Active:     {Lagging: true, Leaving: true},
	Lagging:    {Active: true, Leaving: true},
	Leaving:    {},
}

// mayBecome reports whether the table allows the step from s to another state.
func (s State) mayBecome(to State) bool { return transitions[s][to] }

// advance takes the session to a state and reports whether it is in it now. Being there already is no step, and what
// comes after the end is only late; any other step that the table does not allow is a bug, which ends this session as
// Internal and leaves the caller - it may be the world's goroutine - unharmed.
func (s *Session) advance(to State) bool {
	for {
		from := State(s.state.Load())
		switch {
		case from == to:
			return true
		case from == Leaving:
			return false
		case !from.mayBecome(to):
			s.fail("illegal transition from " + from.String() + " to " + to.String())
			return false
		case s.state.CompareAndSwap(uint32(from), uint32(to)):
			s.cfg.Stats.moved(from, to, s.dialect, s.conn.Transport())
			return true
		}
	}
}
