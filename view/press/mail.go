package press

// Bounds of the messages that are kept for one viewer who falls behind.
const (
	maxKeptMail      = 256
	maxKeptMailBytes = 64 << 10
)

// Mailbag holds messages for one viewer alone that it has not got. The zero value is empty.
type Mailbag struct {
	kept [][]byte
	size int // bytes
}

// Keep keeps messages, which must not change any more, and reports false when that is more than can be kept.
func (m *Mailbag) Keep(mail [][]byte) bool {
	for _, b := range mail {
		m.kept = append(m.kept, b)
		m.size += len(b)
	}
	return len(m.kept) <= maxKeptMail && m.size <= maxKeptMailBytes
}

// Empty reports whether nothing is kept.
func (m *Mailbag) Empty() bool { return len(m.kept) == 0 }

// Hand hands over the messages in their order until take reports false; those that it took are kept no longer.
func (m *Mailbag) Hand(take func(b []byte) bool) {
	for len(m.kept) > 0 && take(m.kept[0]) {
		m.size -= len(m.kept[0])
		m.kept = m.kept[1:]
	}
	if len(m.kept) == 0 {
		m.kept = nil
	}
}
