package player

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/world"
)

// diary writes down what hooks are called with.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *diary) expect(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.lines, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(d.lines, "\n  "), strings.Join(want, "\n  "))
	}
	d.lines = nil
}

func TestHooksRunInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		errNo := errors.New("no")
		v := newServer(t, setup{build: func(b *Builder) {
			b.Handle(50, func(_ *Session, f wire.Frame) error { d.note("handler %s", f.Payload); return nil })
			b.Handle(51, func(*Session, wire.Frame) error { d.note("handler"); return errNo })
			for _, name := range []string{"first", "second"} {
				b.OnStart(func(s *Session) { d.note("%s start of %d", name, s.Player()) })
				b.OnStop(func(s *Session, r CloseReason) { d.note("%s stop of %d: %v", name, s.Player(), r) })
				b.Before(func(_ *Session, f wire.Frame) error {
					d.note("%s before %d", name, f.ID)
					if string(f.Payload) == "stop" {
						return errNo
					}
					return nil
				})
				b.After(func(_ *Session, f wire.Frame, err error) { d.note("%s after %d: %v", name, f.ID, err) })
			}
		}})
		c := v.join(wire.TCP)
		d.expect(t, "first start of 0", "second start of 0")
		c.send(50, []byte("go"))
		v.tick()
		d.expect(t, "first before 50", "second before 50", "handler go",
			"first after 50: <nil>", "second after 50: <nil>")
		c.send(50, []byte("stop"))
		v.tick()
		d.expect(t, "first before 50", "first after 50: no", "second after 50: no")
		c.send(51, nil)
		v.tick()
		d.expect(t, "first before 51", "second before 51", "handler", "first after 51: no", "second after 51: no")
		c.send(99, nil)
		v.tick()
		d.expect(t, "first before 99", "second before 99",
			"first after 99: unknown message", "second after 99: unknown message")
		c.leave()
		v.tick()
		d.expect(t, "first stop of 1: PEER_LEFT", "second stop of 1: PEER_LEFT")
		if v.refused(RefusedOther) != 2 || v.refused(RefusedUnknown) != 1 {
			t.Errorf("refusals %v", v.registry.Snapshot().Refused)
		}
		v.stop()
		d.expect(t)
	})
}

func TestDuplicateHandlersAreAllNamed(t *testing.T) {
	b := NewBuilder()
	nothing := func(*Session, wire.Frame) error { return nil }
	AddClassic(b)
	b.Handle(77, nothing)
	b.Handle(77, nothing)
	b.Handle(classic.IDTalk, nothing)
	_, err := b.Build()
	for _, id := range []string{"id 77", "id 2"} {
		if !errors.Is(err, ErrDuplicate) || !strings.Contains(err.Error(), id) {
			t.Errorf("%s is not in %v", id, err)
		}
	}
}

func TestBuiltHandlersDoNotChange(t *testing.T) {
	b := NewBuilder()
	called := ""
	note := func(what string) Handler {
		return func(*Session, wire.Frame) error { called += what; return nil }
	}
	b.Before(note("a"))
	h, err := b.Build()
	must(t, err)
	b.Before(note("b"))
	b.Handle(5, note("c"))
	s, _ := newIdleSession(&syncBuffer{})
	if err := h.dispatch(s, wire.Frame{ID: 5}); !errors.Is(err, ErrUnknown) || called != "a" {
		t.Errorf("called %q, error %v", called, err)
	}
}

func TestClassicHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		c := v.join(wire.TCP)
		c.sendBytes(classic.AppendMove(nil, 60, 1, 70, 2))
		v.tick()
		var at world.Position
		for _, f := range c.got(t) {
			must(t, classic.Decode(f, func(e classic.Event) { at = world.Position{X: e.X, Y: e.Y, Z: e.Z, V: e.V} }))
		}
		if want := (world.Position{X: 60, Y: 1, Z: 70, V: 2}); at != want {
			t.Errorf("told last of %v, want %v", at, want)
		}
		c.send(classic.IDPosition, []byte{0xff})
		c.send(classic.IDTalk, []byte{0x0a, 0x05, 'x'})
		v.tick()
		if n := v.refused(RefusedMalformed); n != 2 {
			t.Errorf("%d messages were malformed", n)
		}
		v.stop()
	})
}

func TestBeforeTheWorldCommandsDoNothing(t *testing.T) {
	s, _ := newIdleSession(&syncBuffer{})
	s.move(world.Position{X: 1}, 0)
	if err := s.Chat(world.ToAll, "hi"); err != nil || s.Player() != 0 {
		t.Errorf("chat says %v, player %d", err, s.Player())
	}
}
