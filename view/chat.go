package view

// Bounds of what is kept of the chats for those who fall behind.
const (
	maxKeptChats     = 256
	maxKeptChatBytes = 64 << 10
)

// chatLog holds the chats of this tick, and the last ones for those who could not take them: the oldest are dropped first.
type chatLog struct {
	now   []byte // this tick's, one after another
	began uint64 // number of this tick's first chat
	next  uint64 // number of the next chat
	kept  [][]byte
	size  int // of kept, in bytes
}

// begin starts a tick.
func (l *chatLog) begin() { l.now, l.began = l.now[:0], l.next }

// add logs a chat that fill appends.
func (l *chatLog) add(fill func(dst []byte) []byte) {
	start := len(l.now)
	l.now = fill(l.now)
	l.keep(append([]byte(nil), l.now[start:]...))
	l.next++
}

// keep keeps a chat, and drops the oldest beyond the bounds.
func (l *chatLog) keep(chat []byte) {
	l.kept = append(l.kept, chat)
	l.size += len(chat)
	for len(l.kept) > maxKeptChats || l.size > maxKeptChatBytes {
		l.size -= len(l.kept[0])
		l.kept[0] = nil
		l.kept = l.kept[1:]
	}
}

// since returns the kept chats from a number on.
func (l *chatLog) since(number uint64) [][]byte {
	first := l.next - uint64(len(l.kept))
	return l.kept[max(number, first)-first:]
}
