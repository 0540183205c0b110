package press

import (
	"bytes"
	"strconv"
	"testing"
)

// TestKeptChatsAreBounded: by number and by size, the oldest go first, and who asks from a chat on gets the rest.
func TestKeptChatsAreBounded(t *testing.T) {
	for name, test := range map[string]struct{ size, said, kept int }{
		"few":  {10, 100, 100},
		"many": {10, 1000, maxKeptChats},
		"long": {1024, 1000, maxKeptChatBytes / 1024},
	} {
		var l ChatLog
		for i := range test.said {
			l.Begin()
			l.Add(func(dst []byte) []byte { return append(dst, text(i, test.size)...) })
		}
		kept := l.Since(0)
		if len(kept) != test.kept {
			t.Fatalf("%s: %d chats are kept, want %d", name, len(kept), test.kept)
		}
		for i, chat := range kept {
			if want := text(test.said-test.kept+i, test.size); !bytes.Equal(chat, want) {
				t.Fatalf("%s: chat %d is %.10q, want %.10q", name, i, chat, want)
			}
		}
		if last := l.Since(uint64(test.said - 1)); len(last) != 1 || len(l.Since(l.next)) != 0 {
			t.Errorf("%s: %d chats since the last one, and %d since now", name, len(last), len(l.Since(l.next)))
		}
	}
}

// text is a chat of so many bytes that tells its number.
func text(number, size int) []byte {
	return append([]byte(strconv.Itoa(number)), bytes.Repeat([]byte{' '}, size-len(strconv.Itoa(number)))...)
}
