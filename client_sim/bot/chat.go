package bot

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// said is a chat that everybody who was in the world must hear exactly once.
type said struct {
	text   string
	player int32
	at     time.Duration
}

// chatters is how many bots talk at once: well below 20 a second for a world and 1 a second for a session.
const chatters = 3

// smallTalk begins what bots say beside moving.
const smallTalk = "bot talk "

// smallTalkText is what a bot says beside moving: which of all the small talk of the run it is, from 1 upwards.
func smallTalkText(number int64) string { return smallTalk + strconv.FormatInt(number, 10) }

// talkNumber is which small talk a text is, 0 for none.
func talkNumber(text string) int64 {
	number, err := strconv.ParseInt(strings.TrimPrefix(text, smallTalk), 10, 64)
	if err != nil {
		return 0
	}
	return number
}

// talk lets a few bots who have been silent in this round say something.
func (r *rounds) talk() {
	for _, b := range r.choose(chatters) {
		r.say(b)
	}
}

// say lets one bot talk.
func (r *rounds) say(b *bot) {
	r.texts++
	s := said{text: fmt.Sprintf("%s%d", chatMark, r.texts), player: b.id(), at: r.fleet.clock()}
	if b.say(s.text) == nil {
		r.chats = append(r.chats, s)
		r.spoken = append(r.spoken, b)
	}
}

// unheard finds what is wrong with what the bots heard.
func unheard(chats []said, listeners []*bot) []Violation {
	var found []Violation
	for _, b := range listeners {
		b.mu.Lock()
		for _, s := range chats {
			found = append(found, b.view.heardWrong(s, b.joinedAt)...)
		}
		b.mu.Unlock()
	}
	return found
}

// heardWrong finds what is wrong with how a chat was heard by somebody who came at joinedAt. A newcomer may have missed
// what was said before, and so may who was cut off then.
func (v *view) heardWrong(s said, joinedAt time.Duration) []Violation {
	wrong := func(kind Kind, detail string) []Violation { return []Violation{{kind, v.self, s.player, detail}} }
	u := v.heard[s.text]
	switch {
	case u == nil && joinedAt > s.at:
		return nil
	case u == nil:
		return wrong(ChatLost, fmt.Sprintf("did not hear %q", s.text))
	case u.player != s.player:
		return wrong(ChatForged, fmt.Sprintf("heard %q from player %d", s.text, u.player))
	case u.times > 1:
		return wrong(ChatRepeated, fmt.Sprintf("heard %q %d times", s.text, u.times))
	}
	return nil
}
