package bot

import "time"

// tally is what is counted of what reached one bot, or many. A viewer's moves are accounted for by three rules:
//
// A viewer knows a mover from its appearance, or the snapshot, to its departure, and it knows the move that told it of
// the mover. Each later move is expected once. It is delivered when it or a later position of that mover arrives within
// two ticks of its sending. A departure stands for the moves of the last two ticks: they count as neither, for the move
// that led out of view is answered by it.
type tally struct {
	frames, reads, bytes int64 // messages; times that bytes arrived; bytes at the socket
	updates              int64 // records about other players
	crowded              int64 // of those, such as tell of members of crowds, whose moves are neither expected nor delivered
	echoes, corrections  int64 // own moves confirmed; own positions that confirm no new move
	audience             int64 // other players in view, summed over echoes
	expected, delivered  int64
	chats                int64 // small talk that was heard
}

// add adds o, times sign.
func (t *tally) add(o tally, sign int64) {
	t.frames += sign * o.frames
	t.reads += sign * o.reads
	t.bytes += sign * o.bytes
	t.updates += sign * o.updates
	t.crowded += sign * o.crowded
	t.echoes += sign * o.echoes
	t.corrections += sign * o.corrections
	t.audience += sign * o.audience
	t.expected += sign * o.expected
	t.delivered += sign * o.delivered
	t.chats += sign * o.chats
}

// arrived accounts for move number sequence of a mover that reached at time now a viewer that knew the mover up to move
// number known: for that one, and those between that it overtook.
func (t *tally) arrived(mover *track, known, sequence uint32, now, inTime time.Duration) {
	for s := known + 1; s <= sequence; s++ {
		t.expected++
		if at, ok := mover.sentAt(s); ok && now-at <= inTime {
			t.delivered++
		}
	}
}

// overdue accounts for the moves of a mover that have not reached a viewer by now although two ticks have passed.
func (t *tally) overdue(mover *track, known uint32, now, inTime time.Duration) {
	for s, last := known+1, mover.sent.Load(); s <= last; s++ {
		if at, ok := mover.sentAt(s); !ok || now-at > inTime {
			t.expected++
		}
	}
}
