package stream

import (
	"time"

	"aoiworld/aoi"
	"aoiworld/net/native"
	"aoiworld/view/press"
	"aoiworld/world"
)

// Form is how a viewer is written moved columns.
type Form uint8

// The forms.
const (
	Columns Form = iota // as packed numbers
	Bits                // as bits
	forms
)

// Viewer is what the view needs to know of a slot before a tick.
type Viewer struct {
	State press.State
	Form  Form
	// Welcome, unless nil, is the frame that greets a session which begins in this tick, by joining or resuming. Such a
	// viewer is Ready.
	Welcome []byte
}

// Config says how frames are made.
type Config struct {
	Grid    *aoi.Grid
	Lattice native.Lattice
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

// MinMaxFrame is the least bound of a frame (bytes): room for a welcome, one chat and a correction.
const MinMaxFrame = 2048

// View is everything that the native viewers of a world are shown. It belongs to the loop's goroutine: Encode and Compose are
// called in turn, once a tick.
type View struct {
	cfg     Config
	sights  []sight   // by the world's slots
	streams []*stream // by id; nil where nobody has ever been
	// chats are by the highest layer that is seen: who sees more hears more.
	chats [world.Layers]press.ChatLog

	// Of this tick, and valid until the next Encode.
	tick    uint64
	now     time.Duration
	out     *world.Output
	viewers []Viewer
	active  []*stream // in which something happens
	chunks  []byte    // what the streams' chunks refer to
	usage   press.Usage
	numbers []uint64 // of the chats
	refused map[world.Slot]world.Refusal
	mail    map[world.Slot][][]byte // messages for one viewer alone
	press   press.Press
	classes map[class]shared

	// description is what clients are told of the world since it was cut into other cells; nil before.
	description []byte

	crowds   *crowds   // nil without a budget
	watchers []watcher // by the world's slots
	scratch  scratch
}

// New returns the view of an empty world.
func New(cfg Config) *View {
	cfg.MaxFrame = max(cfg.MaxFrame, MinMaxFrame)
	v := &View{
		cfg:     cfg,
		streams: make([]*stream, cfg.Grid.Cells()*int(world.Layers)),
		refused: make(map[world.Slot]world.Refusal),
		mail:    make(map[world.Slot][][]byte),
		press:   press.New(cfg.Headroom),
		classes: make(map[class]shared),
	}
	if cfg.Budget > 0 {
		v.crowds = v.newCrowds()
	}
	return v
}

// sight is one entity as it can be seen.
type sight struct {
	player world.ID
	x, z   float32
	at     native.Place
	cell   aoi.Cell    // None when it is not there
	layer  world.Layer // in which it is
	sees   world.Layer // and all below it
	slot   int32       // in the stream of the layer's cell

	kind       world.Kind
	name       string
	attributes []byte
}

// plain reports whether there is nothing to an entity but its place.
func (s *sight) plain() bool {
	return s.kind == world.PlayerKind && s.name == "" && len(s.attributes) == 0
}

// Encode takes in what happened. viewers says for every slot who could take a frame before the tick; it is read until Compose
// returns.
func (v *View) Encode(out *world.Output, viewers []Viewer) {
	v.tick, v.now, v.out, v.viewers = out.Tick, out.Now, out, viewers
	v.chunks = v.usage.Clear(v.chunks)
	for _, s := range v.active {
		s.endTick()
	}
	v.active = v.active[:0]
	if v.crowds != nil {
		v.crowds.endTick()
	}
	if out.Grid != nil {
		v.regrid(out.Grid)
	}
	for i := range out.Changes {
		v.follow(&out.Changes[i])
	}
	for i := range out.Marks {
		v.mark(&out.Marks[i])
	}
	for _, s := range v.active {
		if s.sparse() {
			v.deal(s)
		}
	}
	if v.crowds != nil {
		v.planCrowds()
	}
	v.numberChats()
	v.fileTold()
	v.logChats()
	v.fileRefusals()
}

// follow takes in what happened to one entity.
func (v *View) follow(c *world.Change) {
	for int(c.Slot) >= len(v.sights) {
		v.sights = append(v.sights, sight{cell: aoi.None})
		v.watchers = append(v.watchers, watcher{cell: aoi.None})
	}
	e := &v.sights[c.Slot]
	at := v.cfg.Lattice.Place(c.At.X, c.At.Y, c.At.Z, c.At.V)
	if c.Joined() {
		*e = sight{player: c.Player, cell: aoi.None, sees: c.Sees}
	}
	if c.Sequence != 0 {
		v.watchers[c.Slot].sequence = c.Sequence
	}
	e.x, e.z = c.At.X, c.At.Z
	if c.Stayed() {
		v.activate(v.id(c.Layer, c.After)).move(e.slot, at)
		e.at = at
		return
	}
	if !c.Joined() {
		v.activate(v.id(c.LayerBefore, c.Before)).leave(e.slot)
	}
	if e.at, e.cell, e.layer = at, c.After, c.Layer; !c.Left() {
		e.slot = v.activate(v.id(c.Layer, c.After)).enter(member{id: c.Player, entity: c.Slot, at: at})
	}
}

// mark takes in what there is to an entity beside its place.
func (v *View) mark(m *world.Mark) {
	e := &v.sights[m.Slot]
	e.kind, e.name, e.attributes = m.Kind, m.Name, m.Attributes
	v.activate(v.id(e.layer, e.cell)).mark(e.slot)
}

// activate returns a stream in which something happens.
func (v *View) activate(of streamID) *stream {
	s := v.streams[of]
	if s == nil {
		s = &stream{id: of}
		v.streams[of] = s
	}
	if !s.active {
		s.active = true
		v.active = append(v.active, s)
	}
	return s
}

// deal gives a stream's members slots anew, in a new epoch.
func (v *View) deal(s *stream) {
	s.deal()
	for slot := range s.members {
		v.sights[s.members[slot].entity].slot = int32(slot)
	}
}
