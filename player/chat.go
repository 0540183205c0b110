package player

import (
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"aoiworld/world"
)

// chatter is what a session that has chatted is remembered for. It belongs to the session's reader.
type chatter struct {
	allowance  *rate.Limiter
	strikes    tally
	mutedUntil time.Time
}

// Chat says a text to the session's world (world.ToAll) or to who sees its player (world.ToNear). The error is
// ErrChatInvalid, ErrSilenced, ErrChatRate, ErrMuted or world.ErrChatBusy; a handler returns it so that it is counted. Chat
// belongs to the session's reader.
func (s *Session) Chat(reach world.Reach, text string) error {
	if !speakable(text, s.cfg.Limits.ChatBytes) {
		return ErrChatInvalid
	}
	if s.silenced(time.Now()) {
		return ErrSilenced
	}
	if err := s.spendChat(time.Now()); err != nil {
		return err
	}
	if a := s.attachment.Load(); a != nil {
		return a.Chat(reach, text)
	}
	return nil
}

// spendChat charges one chat to the session's allowance.
func (s *Session) spendChat(now time.Time) error {
	limits := &s.cfg.Limits
	if limits.ChatRate == 0 {
		return nil
	}
	if s.chatter == nil {
		s.chatter = &chatter{allowance: rate.NewLimiter(rate.Limit(limits.ChatRate), limits.ChatBurst)}
	}
	c := s.chatter
	if now.Before(c.mutedUntil) {
		return ErrMuted
	}
	if c.allowance.AllowN(now, 1) {
		return nil
	}
	if strikes := c.strikes.add(now); limits.ChatStrikes > 0 && strikes >= limits.ChatStrikes {
		c.mutedUntil, c.strikes = now.Add(limits.MuteFor), tally{}
	}
	return ErrChatRate
}

// speakable reports whether a text may be shown to others: not empty, at most maxBytes of valid UTF-8, and nothing in
// it that hides or rearranges what is around it.
func speakable(text string, maxBytes int) bool {
	if text == "" || len(text) > maxBytes || !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if hidden(r) {
			return false
		}
	}
	return true
}

// hidden reports whether a character is a control, a direction mark, a line or paragraph separator, or has no width:
// the categories Cc, Cf, Zl and Zp and what Unicode calls default ignorable, apart from the few visible signs among
// them. Variation selectors, which belong to visible emoji, are none of these.
func hidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == '\x7f'
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}
