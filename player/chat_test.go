package player

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/world"
)

func TestSpeakable(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"plain", "hello, world ~!", true},
		{"umlauts", "Grüße", true},
		{"Chinese", "你好", true},
		{"Arabic", "مرحبا", true},
		{"combining accent", "e\u0301", true},
		{"emoji", "👍🏽", true},
		{"emoji with variation selector", "❤️", true},
		{"Arabic number sign, which is visible", "\u0600٣", true},
		{"a space", " ", true},
		{"longest", strings.Repeat("x", 256), true},

		{"empty", "", false},
		{"too long", strings.Repeat("x", 257), false},
		{"too long in bytes", strings.Repeat("ü", 129), false},
		{"bad UTF-8", "a\xffb", false},
		{"cut UTF-8", "Gr\xc3", false},
		{"surrogate", "\xed\xa0\x80", false},
		{"NUL", "a\x00b", false},
		{"newline", "a\nb", false},
		{"tab", "a\tb", false},
		{"escape", "\x1b[31m", false},
		{"delete", "a\x7fb", false},
		{"C1 control", "a\u0085b", false},
		{"right-to-left override", "a\u202eb", false},
		{"left-to-right mark", "a\u200eb", false},
		{"isolate", "a\u2066b", false},
		{"Arabic letter mark", "a\u061cb", false},
		{"zero-width space", "a\u200bb", false},
		{"zero-width joiner", "a\u200db", false},
		{"word joiner", "a\u2060b", false},
		{"byte order mark", "\ufeffa", false},
		{"soft hyphen", "a\u00adb", false},
		{"line separator", "a\u2028b", false},
		{"paragraph separator", "a\u2029b", false},
		{"Hangul filler", "\u3164", false},
		{"grapheme joiner", "a\u034fb", false},
		{"tag", "a\U000e0041b", false},
	} {
		if got := speakable(c.text, 256); got != c.want {
			t.Errorf("%s %q: %v", c.name, c.text, got)
		}
	}
}

func TestChatReachesEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{})
		a, b := v.join(wire.TCP), v.join(wire.WebSocket)
		a.sendBytes(classic.AppendTalk(nil, "hi"))
		a.sendBytes(classic.AppendTalk(nil, "bad\u202e"))
		v.tick()
		for _, c := range []*fakeConn{a, b} {
			if got := chats(t, c); len(got) != 1 || got[0] != "hi" {
				t.Errorf("heard %q", got)
			}
		}
		if n := v.refused(RefusedChatInvalid); n != 1 {
			t.Errorf("%d chats were refused", n)
		}
		v.stop()
	})
}

// chats returns the texts that a client was told.
func chats(t testing.TB, c *fakeConn) (texts []string) {
	t.Helper()
	for _, f := range c.got(t) {
		if f.ID >= idPing {
			continue
		}
		must(t, classic.Decode(f, func(e classic.Event) {
			if e.Kind == classic.Chat {
				texts = append(texts, e.Text)
			}
		}))
	}
	return texts
}

func TestChatAllowanceAndMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newIdleSession(&syncBuffer{})
		say := func(want error) {
			t.Helper()
			if err := s.Chat(world.ToAll, "hi"); !errors.Is(err, want) {
				t.Errorf("after %v: %v, want %v", time.Since(epoch()), err, want)
			}
		}
		for range 5 {
			say(nil)
		}
		say(ErrChatRate)
		say(ErrChatRate)
		<-time.After(time.Second)
		say(nil) // one a second
		say(ErrChatRate)
		<-time.After(29 * time.Second)
		say(ErrMuted) // though the allowance is full again
		<-time.After(time.Second)
		for range 5 {
			say(nil)
		}
		say(ErrChatRate) // the strikes begin anew
		say(ErrChatRate)
		<-time.After(time.Minute)
		for range 5 {
			say(nil)
		}
		say(ErrChatRate) // the two of a minute ago are forgotten
		say(ErrChatRate)
	})
}

// epoch is when the virtual time of a test begins.
func epoch() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestChatLimitsCanBeOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newIdleSession(&syncBuffer{})
		s.cfg.Limits.ChatStrikes = 0
		refused := 0
		for range 100 {
			if err := s.Chat(world.ToAll, "hi"); err != nil {
				refused++
				if !errors.Is(err, ErrChatRate) {
					t.Fatalf("without strikes: %v", err)
				}
			}
		}
		s.cfg.Limits.ChatRate = 0
		if err := s.Chat(world.ToAll, "hi"); err != nil || refused != 95 {
			t.Errorf("without rate: %v; %d were refused before", err, refused)
		}
	})
}

func TestChatRefusalsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newServer(t, setup{limits: func(l *Limits) { l.ChatBurst, l.MessageRate = 101, 0 }})
		c := v.join(wire.TCP)
		for range 104 { // the mailbox holds 100, the allowance 101, and the third excess mutes
			c.sendBytes(classic.AppendTalk(nil, "x"))
		}
		synctest.Wait()
		c.sendBytes(classic.AppendTalk(nil, "x"))
		v.tick()
		for refusal, want := range map[Refusal]uint64{
			RefusedChatBusy: 1, RefusedChatRate: 3, RefusedMuted: 1, RefusedChatInvalid: 0, RefusedOther: 0,
		} {
			if got := v.refused(refusal); got != want {
				t.Errorf("%v: %d, want %d", refusal, got, want)
			}
		}
		v.stop()
	})
}

func TestRefusalLabels(t *testing.T) {
	seen := map[string]bool{}
	for r := range Refusals {
		if label := r.String(); label == "" || seen[label] {
			t.Errorf("refusal %d has the label %q", r, label)
		}
		seen[r.String()] = true
		if err := refusals[r].err; err != nil && refusalOf(err) != r {
			t.Errorf("%v means %v", err, refusalOf(err))
		}
	}
	if Refusals.String() != "?" || refusalOf(errReset) != RefusedOther || refusalOf(world.ErrNoIDs) != RefusedOther {
		t.Error("what is no refusal has a label, or another error means one")
	}
}
