package player

import (
	"errors"
	"fmt"
	"maps"

	"aoiworld/net/native"
	"aoiworld/net/wire"
)

// ErrDuplicate is wrapped by the error that says which message id has two handlers.
var ErrDuplicate = errors.New("message has a handler already")

// Handler acts on one message, one of a session's at a time. It must not wait: where connections are polled, others are read
// after it, and then the tick goes on. The frame's payload is borrowed until it returns. An error says that the message had no
// effect; it is counted, and its kinds are in refusal.go. A panic ends the session, and no other.
type Handler func(*Session, wire.Frame) error

// Handlers says what a server does with messages and sessions. It is made by a Builder and never changed.
type Handlers struct {
	byID   [Dialects]map[uint32]Handler
	enter  []func(*Session)
	before []Handler
	after  []func(*Session, wire.Frame, error)
	start  []func(*Session)
	stop   []func(*Session, CloseReason)
}

// Builder collects handlers and hooks while the server starts. It belongs to one goroutine. Hooks of a kind run in the
// order in which they were added. Like handlers, none may wait.
type Builder struct {
	handlers Handlers
	errs     []error
}

// NewBuilder returns a builder without handlers.
func NewBuilder() *Builder {
	b := &Builder{}
	for d := range b.handlers.byID {
		b.handlers.byID[d] = make(map[uint32]Handler)
	}
	return b
}

// Handle makes h the handler of the messages with an id, in all dialects. An id without a handler is ErrUnknown, which goes
// for the ids that only the server sends, too.
func (b *Builder) Handle(id uint32, h Handler) {
	for d := range Dialects {
		b.handle(d, id, h)
	}
}

// handle makes h the handler of the messages with an id in one dialect.
func (b *Builder) handle(d Dialect, id uint32, h Handler) {
	if _, taken := b.handlers.byID[d][id]; taken {
		b.errs = append(b.errs, fmt.Errorf("%w: id %d", ErrDuplicate, id))
		return
	}
	b.handlers.byID[d][id] = h
}

// Before adds a hook that sees every message before its handler. An error drops the message.
func (b *Builder) Before(hook Handler) { b.handlers.before = append(b.handlers.before, hook) }

// After adds a hook that is told what became of every message: nil, or why it had no effect.
func (b *Builder) After(hook func(*Session, wire.Frame, error)) {
	b.handlers.after = append(b.handlers.after, hook)
}

// OnEnter adds a hook that runs when a session may enter a world: one of the classic dialect as it begins, after the OnStart
// hooks, one of the native dialect when its Hello was accepted. One of the hooks lets it Enter.
func (b *Builder) OnEnter(hook func(*Session)) { b.handlers.enter = append(b.handlers.enter, hook) }

// OnStart adds a hook that runs when a session begins, before its first message is read.
func (b *Builder) OnStart(hook func(*Session)) { b.handlers.start = append(b.handlers.start, hook) }

// OnStop adds a hook that runs once when a session has ended, after its last message. It runs for every session whose
// OnStart hooks ran, even if one of those panicked.
func (b *Builder) OnStop(hook func(*Session, CloseReason)) {
	b.handlers.stop = append(b.handlers.stop, hook)
}

// Build returns what was collected; what the builder is told later has no effect on it. The error wraps ErrDuplicate
// for each id that was given twice.
func (b *Builder) Build() (*Handlers, error) {
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	built := b.handlers
	for d := range built.byID {
		built.byID[d] = maps.Clone(built.byID[d])
	}
	return &built, nil
}

// dispatch passes a message through the hooks to its handler and returns why it had no effect.
func (h *Handlers) dispatch(s *Session, f wire.Frame) error {
	err := h.handle(s, f)
	for _, hook := range h.after {
		hook(s, f, err)
	}
	return err
}

// handle passes a message to its handler unless a hook objects. In the native dialect who has not said Hello has no business
// with any other.
func (h *Handlers) handle(s *Session, f wire.Frame) error {
	if s.dialect == Native && !s.speaker.greeted && f.ID != native.IDHello && f.ID != native.IDGoodbye {
		s.Close(ProtocolAbuse)
		return ErrState
	}
	for _, hook := range h.before {
		if err := hook(s, f); err != nil {
			return err
		}
	}
	handler, known := h.byID[s.dialect][f.ID]
	switch {
	case known:
		return handler(s, f)
	case s.dialect == Native && f.ID >= native.FirstOptionalID && f.ID < native.FirstGameID:
		return nil // of an extension that this server does not know
	}
	return ErrUnknown
}
