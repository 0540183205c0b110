package world

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"aoiworld/aoi"
)

// Bounds of what others want to know: how many questions wait, and the least time from one answer to the next, or from one census
// to the next; who asks for that more often shares one.
const (
	maxQuestions = 8
	askedEvery   = 100 * time.Millisecond
)

// Errors of an inquiry.
var (
	// ErrInquiries: too many questions wait already.
	ErrInquiries = errors.New("too many questions at once")
	// ErrInquiry: the question itself has failed.
	ErrInquiry = errors.New("question failed")
)

// Look is a hold on a world as a tick has left it, and on what happened in that, for the length of one call. It changes nothing.
type Look struct {
	world *World
	out   *Output
}

// Tick returns the number of the tick.
func (l Look) Tick() uint64 { return l.out.Tick }

// Out returns what happened in the tick. It must not be changed.
func (l Look) Out() *Output { return l.out }

// Grid returns the world's geometry.
func (l Look) Grid() *aoi.Grid { return l.world.Grid() }

// Slot returns the slot of an entity, or false when it is not in the world.
func (l Look) Slot(id ID) (slot Slot, here bool) {
	slot, here = l.world.index[id]
	return slot, here
}

// At returns who is in a slot, which is in use.
func (l Look) At(slot Slot) Entity { return l.world.entityAt(slot) }

// CellOf returns the cell of a slot's entity.
func (l Look) CellOf(slot Slot) aoi.Cell { return l.world.cells.CellOf(slot) }

// Members returns the slots of everybody and everything in a cell, in no order. It must not be changed.
func (l Look) Members(c aoi.Cell) []Slot { return l.world.cells.Members(c) }

// question is something that somebody wants to know.
type question struct {
	ctx      context.Context // of who asks
	ask      func(Look)
	answered chan error
}

// questions wait for the end of a tick. The loop looks once a tick, and works only if somebody has asked.
type questions struct {
	mu    sync.Mutex
	queue []question
	last  time.Time // the loop's: of the last answer
}

// Inquire has a function look at the world when a tick has ended that is not over yet, on the loop's goroutine: it has to be
// quick. Anybody may call it; of all who ask, ten a second are answered. The error is the context's, ErrInquiries, or wraps
// ErrInquiry: the function has panicked, which harms nobody else.
func (l *Loop) Inquire(ctx context.Context, ask func(Look)) error {
	q := question{ctx, ask, make(chan error, 1)}
	if err := l.questions.post(q); err != nil {
		return err
	}
	select {
	case err := <-q.answered:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// post has a question wait.
func (q *questions) post(asked question) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) >= maxQuestions {
		return ErrInquiries
	}
	q.queue = append(q.queue, asked)
	return nil
}

// next returns the question that has waited longest, but for those whose askers have gone.
func (q *questions) next() (asked question, there bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.queue) > 0 {
		asked, q.queue = q.queue[0], q.queue[1:]
		if asked.ctx.Err() == nil {
			return asked, true
		}
	}
	return question{}, false
}

// reply answers a question, if there is one, and the last answer was long enough ago.
func (l *Loop) reply(now time.Time, out *Output) {
	q := &l.questions
	if now.Sub(q.last) < askedEvery {
		return
	}
	if asked, there := q.next(); there {
		q.last = now
		asked.answered <- asked.answer(Look{l.world, out})
	}
}

// answer has the question look. What is wrong with it is nobody else's business.
func (q question) answer(look Look) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", ErrInquiry, fault)
		}
	}()
	q.ask(look)
	return nil
}
