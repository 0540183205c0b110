package view

import (
	"time"

	"aoiworld/aoi"
	"aoiworld/view/press"
	"aoiworld/world"
)

// Encoder writes the messages of a dialect. Every method appends one whole message, or part of one, and returns dst.
type Encoder interface {
	// AppendWelcome tells a newcomer its own id.
	AppendWelcome(dst []byte, id int32) []byte
	AppendAppear(dst []byte, id int32, x, y, z, v float32) []byte
	AppendMoved(dst []byte, id int32, x, y, z, v float32) []byte
	AppendLeave(dst []byte, id int32) []byte
	AppendChat(dst []byte, id int32, text string) []byte
	// AppendGesture shows a gesture.
	AppendGesture(dst []byte, id, number int32) []byte
	// AppendAttributes tells what an entity is, and what its game shows of it.
	AppendAttributes(dst []byte, id int32, kind uint8, attributes []byte) []byte
	// AppendMessage appends a message of a game's own.
	AppendMessage(dst []byte, message uint32, payload []byte) []byte
	// AppendSnapshotHeader starts the list of everybody in view; size is the length in bytes of the entries that follow.
	AppendSnapshotHeader(dst []byte, size int) []byte
	// AppendSnapshotEntry appends one entry of the list.
	AppendSnapshotEntry(dst []byte, id int32, x, y, z, v float32) []byte
}

// Config says how frames are made.
type Config struct {
	Grid *aoi.Grid
	// Headroom is the number of bytes left free in front of each frame for a transport's header.
	Headroom int
	// MaxFrame bounds a frame (bytes, without headroom; at least MinMaxFrame). Who would be sent more is brought up to date
	// over several ticks.
	MaxFrame int
	// Budget is what a frame should hold at most (bytes): of crowds less is told, until it does. At 0 all is told of everybody.
	Budget int
	// Period is from one tick to the next when it is due: crowds are told of about as often, however early ticks come.
	Period time.Duration
}

// View is everything that a world's viewers are shown. It belongs to the loop's goroutine: Encode and Compose are called
// in turn, once a tick.
type View struct {
	cfg     Config
	encoder Encoder
	mirror  mirror
	chats   press.ChatLog

	// Of this tick, and valid until the next Encode.
	tick     uint64
	out      *world.Output
	states   []press.State
	sheets   sheets
	chunks   arena // what the sheets refer to
	refused  map[world.Slot]struct{}
	mail     map[world.Slot][][]byte // messages for one viewer alone
	press    press.Press
	crossing map[class]int32 // frames of the classes of those who crossed, or are in a crowd
	scene    []seen          // of the class whose frame is written

	crowds   *crowds      // nil without a budget
	lags     []*lag       // by slot; nil for who is up to date
	caughtUp []world.Slot // in this tick, in part or altogether
	repair   repair
}

// New returns the view of an empty world.
func New(cfg Config, encoder Encoder) *View {
	cfg.MaxFrame = max(cfg.MaxFrame, MinMaxFrame)
	v := &View{
		cfg:      cfg,
		encoder:  encoder,
		mirror:   newMirror(cfg.Grid),
		sheets:   newSheets(cfg.Grid.Cells()),
		refused:  make(map[world.Slot]struct{}),
		mail:     make(map[world.Slot][][]byte),
		press:    press.New(cfg.Headroom),
		crossing: make(map[class]int32),
	}
	if cfg.Budget > 0 {
		v.crowds = v.newCrowds()
	}
	return v
}

// Encode takes in what happened and writes it down, once for each cell. states says for every slot who could take a frame
// before the tick; a newcomer is Ready. Both are read until Compose returns.
func (v *View) Encode(out *world.Output, states []press.State) {
	v.tick, v.out, v.states = out.Tick, out, states
	v.sheets.reset()
	v.chunks.reset()
	v.caughtUp = v.caughtUp[:0]
	if v.crowds != nil {
		v.crowds.endTick()
	}
	if out.Grid != nil {
		v.regrid(out.Grid)
	}
	v.mirror.apply(out, v.crowds)
	v.fileChanges()
	v.fileMarks()
	v.fileTold()
	if v.crowds != nil {
		v.planCrowds()
	}
	v.encodeCells()
	v.encodeChats()
	v.noteRefusals()
}

// fileChanges puts each change on the sheets of the cells that it concerns. They come by ascending player id, and so are
// filed.
func (v *View) fileChanges() {
	for i := range v.out.Changes {
		c := v.change(int32(i))
		if c.Joined() && c.Left() {
			continue
		}
		if c.Stayed() {
			s := v.sheets.of(c.After)
			s.stayed = append(s.stayed, int32(i))
			continue
		}
		if !c.Joined() {
			s := v.sheets.of(c.Before)
			s.left = append(s.left, int32(i))
		}
		if !c.Left() {
			s := v.sheets.of(c.After)
			s.entered = append(s.entered, int32(i))
		}
	}
}

// change returns a change of the tick as it is for the public, which is all that viewers of the dialect see.
func (v *View) change(i int32) world.Change { return v.out.Changes[i].Public() }

// encodeCells writes what happened inside each cell as chunks: moves and new attributes are one, messages another. The moves of a
// crowd are told otherwise.
func (v *View) encodeCells() {
	for _, s := range v.sheets.active {
		s.moved = v.chunks.write(func(dst []byte) ([]byte, int) {
			stayed := s.stayed
			if v.crowds.mass(s.cell) != nil {
				stayed = nil
			}
			for _, i := range stayed {
				c := &v.out.Changes[i]
				dst = v.encoder.AppendMoved(dst, int32(c.Player), c.At.X, c.At.Y, c.At.Z, c.At.V)
			}
			for _, slot := range s.marked {
				dst = v.writeAttributes(dst, &v.mirror.players[slot])
			}
			return dst, len(stayed)
		})
		s.told = v.chunks.write(func(dst []byte) ([]byte, int) {
			for _, i := range s.chats {
				c := &v.out.Chats[i]
				dst = v.encoder.AppendChat(dst, int32(c.Player), c.Text)
			}
			for _, i := range s.gestures {
				g := &v.out.Gestures[i]
				dst = v.encoder.AppendGesture(dst, int32(g.Player), g.Number)
			}
			for _, i := range s.messages {
				m := &v.out.Told[i]
				dst = v.encoder.AppendMessage(dst, m.ID, m.Payload)
			}
			return dst, 0
		})
	}
}

// encodeChats writes what everybody in the world is told into the log.
func (v *View) encodeChats() {
	v.chats.Begin()
	for _, c := range v.out.Chats {
		if c.Reach != world.ToAll || c.Layer != world.Public {
			continue
		}
		v.chats.Add(func(dst []byte) []byte { return v.encoder.AppendChat(dst, int32(c.Player), c.Text) })
	}
	for i := range v.out.Told {
		if m := &v.out.Told[i]; m.Reach == world.ToAll {
			v.chats.Add(func(dst []byte) []byte { return v.encoder.AppendMessage(dst, m.ID, m.Payload) })
		}
	}
}

// noteRefusals remembers whose move is to be answered by the true position.
func (v *View) noteRefusals() {
	clear(v.refused)
	for _, r := range v.out.Refusals {
		if r.Reason != world.ChatBusy {
			v.refused[r.Slot] = struct{}{}
		}
	}
}
