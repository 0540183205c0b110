package press

// Bounds of what is kept of the chats for those who fall behind.
const (
	maxKeptChats     = 256
	maxKeptChatBytes = 64 << 10
)

// ChatLog holds what everybody in the world is told in this tick, and the last of it for those who could not take it: the
// oldest are dropped first. The zero value is empty.
type ChatLog struct {
	now   []byte // this tick's, one after another
	began uint64 // number of this tick's first chat
	next  uint64 // number of the next chat
	kept  [][]byte
	size  int // of kept, in bytes
}

// Begin starts a tick.
func (l *ChatLog) Begin() { l.now, l.began = l.now[:0], l.next }

// Add logs a chat that fill appends.
func (l *ChatLog) Add(fill func(dst []byte) []byte) {
	start := len(l.now)
	l.now = fill(l.now)
	l.keep(append([]byte(nil), l.now[start:]...))
	l.next++
}

// keep keeps a chat, and drops the oldest beyond the bounds.
func (l *ChatLog) keep(chat []byte) {
	l.kept = append(l.kept, chat)
	l.size += len(chat)
	for len(l.kept) > maxKeptChats || l.size > maxKeptChatBytes {
		l.size -= len(l.kept[0])
		l.kept[0] = nil
		l.kept = l.kept[1:]
	}
}

// Now returns this tick's chats, one after another.
func (l *ChatLog) Now() []byte { return l.now }

// Began returns the number of this tick's first chat.
func (l *ChatLog) Began() uint64 { return l.began }

// Next returns the number of the next tick's first chat.
func (l *ChatLog) Next() uint64 { return l.next }

// Since returns the kept chats from a number on.
func (l *ChatLog) Since(number uint64) [][]byte {
	first := l.next - uint64(len(l.kept))
	return l.kept[max(number, first)-first:]
}
