package world

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestInquiries: whoever asks looks at the world as a tick has left it, one after the other and ten a second; who has gone by then
// does not, and one that fails harms nobody.
func TestInquiries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, reports, _ := newTestLoop(t, &recorder{})
		ctx, stop := context.WithCancel(t.Context())
		var running, asking sync.WaitGroup
		running.Go(func() { _ = l.Run(ctx) })
		l.Join(Join{Player: 1, Epoch: 1, Name: "Ann"})
		var looks int
		if err := l.Inquire(t.Context(), func(look Look) {
			slot, here := look.Slot(1)
			cell := look.CellOf(slot)
			if e := look.At(slot); !here || e.Name != "Ann" || cell != look.Grid().CellAt(e.At.X, e.At.Z) || look.Members(cell)[0] != slot {
				t.Errorf("%+v, %v", e, here)
			}
			if _, here := look.Slot(2); here || look.Tick() == 0 || len(look.Out().Changes) != 1 {
				t.Errorf("tick %d: %+v", look.Tick(), look.Out())
			}
		}); err != nil {
			t.Fatal(err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := l.Inquire(gone, func(Look) { t.Error("who has gone is answered") }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := l.Inquire(t.Context(), func(Look) { panic("a bug") }); !errors.Is(err, ErrInquiry) {
			t.Error(err)
		}
		began := time.Now()
		refused := make(chan error, 2*maxQuestions)
		for range 2 * maxQuestions {
			asking.Go(func() { refused <- l.Inquire(t.Context(), func(Look) { looks++ }) })
		}
		asking.Wait()
		close(refused)
		busy := 0
		for err := range refused {
			if errors.Is(err, ErrInquiries) {
				busy++
			} else if err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); looks != maxQuestions || busy != maxQuestions || took < (maxQuestions-1)*askedEvery {
			t.Errorf("%d looked, %d were refused, in %v", looks, busy, took)
		}
		stop()
		running.Wait()
		if len(*reports) == 0 {
			t.Error("it does not tick")
		}
	})
}

// TestInquiryOfAStoppedWorld: who asks a world that does not tick does not wait for ever.
func TestInquiryOfAStoppedWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, _ := newTestLoop(t, &recorder{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Inquire(ctx, func(Look) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
