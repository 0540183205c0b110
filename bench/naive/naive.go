// Package naive is the tutorial's method, without its bugs: a goroutine reads each connection, and whatever a player does is
// marshalled and written for each recipient by itself, at once. It speaks the classic dialect, and is what the ratio of updates
// per CPU-second is taken to. A client that does not read holds everybody up, as it does there.
package naive

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"

	"google.golang.org/protobuf/proto"

	"aoiworld/bench/side"
	"aoiworld/net/classic"
	"aoiworld/net/wire"
	"aoiworld/pb"
)

// maxPayload is the largest message of a client, in bytes.
const maxPayload = 4096

// Values of BroadCast.Tp.
const (
	tpChat   = 1
	tpAppear = 2
	tpMoved  = 4
)

// World is the plane: from 0 to as many cells of Cell units along X and Z.
type World struct {
	Columns, Rows int
	Cell          float32
}

// Server is a world and who is in it.
type Server struct {
	world    World
	counters *side.Counters

	// mu is held for reading by a move within a cell, which nothing but its mover's own doings could contradict, and for
	// writing by whatever changes who sees whom.
	mu    sync.RWMutex
	cells [][]*player
	next  int32
}

// player is somebody in the world.
type player struct {
	conn    net.Conn
	id      int32
	cell    int
	at      *pb.Position
	writing sync.Mutex
}

// NewServer returns an empty world that counts.
func NewServer(world World, counters *side.Counters) *Server {
	return &Server{world: world, counters: counters, cells: make([][]*player, world.Columns*world.Rows)}
}

// Serve lets in whoever comes, until the context ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var readers sync.WaitGroup
	defer readers.Wait()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		readers.Go(func() {
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			s.play(conn)
		})
	}
}

// play is a player's life.
func (s *Server) play(conn net.Conn) {
	defer conn.Close()
	p := s.join(conn)
	defer s.leave(p)
	for r := wire.NewReader(conn, &wire.Buffers{}, maxPayload); ; {
		frame, err := r.Next()
		if err != nil {
			return
		}
		switch frame.ID {
		case classic.IDPosition:
			to := &pb.Position{}
			if proto.Unmarshal(frame.Payload, to) == nil {
				s.move(p, to)
			}
		case classic.IDTalk:
			talk := &pb.Talk{}
			if proto.Unmarshal(frame.Payload, talk) == nil {
				s.talk(p, talk.Content)
			}
		}
	}
}

// join puts a newcomer somewhere and tells it, and whoever sees it.
func (s *Server) join(conn net.Conn) *player {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	width, depth := float32(s.world.Columns)*s.world.Cell, float32(s.world.Rows)*s.world.Cell
	p := &player{conn: conn, id: s.next, at: &pb.Position{X: rand.Float32() * width, Z: rand.Float32() * depth}}
	p.cell = s.cellOf(p.at)
	s.cells[p.cell] = append(s.cells[p.cell], p)
	s.send(p, classic.IDWelcome, &pb.SyncPID{PID: p.id})
	s.send(p, classic.IDBroadcast, p.placed(tpAppear))
	all := &pb.SyncPlayers{}
	s.near(p.cell, func(q *player) { all.Ps = append(all.Ps, &pb.Player{PID: q.id, P: q.at}) })
	s.send(p, classic.IDSnapshot, all)
	s.near(p.cell, func(q *player) {
		if q != p {
			s.send(q, classic.IDBroadcast, p.placed(tpAppear))
		}
	})
	return p
}

// leave takes a player out and tells whoever saw it.
func (s *Server) leave(p *player) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(p)
	s.near(p.cell, func(q *player) { s.send(q, classic.IDLeave, &pb.SyncPID{PID: p.id}) })
}

// take takes a player out of its cell's list.
func (s *Server) take(p *player) {
	list := s.cells[p.cell]
	for i, q := range list {
		if q == p {
			list[i] = list[len(list)-1]
			s.cells[p.cell] = list[:len(list)-1]
			return
		}
	}
}

// move takes a player to another place and tells whoever sees it.
func (s *Server) move(p *player, to *pb.Position) {
	cell := s.cellOf(to)
	if cell != p.cell {
		s.cross(p, cell, to)
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	p.at = to
	moved := p.placed(tpMoved)
	s.near(cell, func(q *player) { s.send(q, classic.IDBroadcast, moved) })
}

// cross is a move into another cell: some come into view, some go out of it, each of the other's too.
func (s *Server) cross(p *player, cell int, to *pb.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := p.cell
	s.take(p)
	p.cell, p.at = cell, to
	s.cells[cell] = append(s.cells[cell], p)
	s.near(cell, func(q *player) {
		switch {
		case s.sees(before, q.cell) || q == p:
			s.send(q, classic.IDBroadcast, p.placed(tpMoved))
		default:
			s.send(q, classic.IDBroadcast, p.placed(tpAppear))
			s.send(p, classic.IDBroadcast, q.placed(tpAppear))
		}
	})
	s.near(before, func(q *player) {
		if !s.sees(cell, q.cell) {
			s.send(q, classic.IDLeave, &pb.SyncPID{PID: p.id})
			s.send(p, classic.IDLeave, &pb.SyncPID{PID: q.id})
		}
	})
}

// talk tells the whole world what somebody said.
func (s *Server) talk(p *player, text string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	said := &pb.BroadCast{PID: p.id, Tp: tpChat, Data: &pb.BroadCast_Content{Content: text}}
	for _, list := range s.cells {
		for _, q := range list {
			s.send(q, classic.IDBroadcast, said)
		}
	}
}

// placed says where a player is.
func (p *player) placed(tp int32) *pb.BroadCast {
	return &pb.BroadCast{PID: p.id, Tp: tp, Data: &pb.BroadCast_P{P: p.at}}
}

// send marshals and writes a message. A connection that fails is noticed by its reader.
func (s *Server) send(to *player, id uint32, m proto.Message) {
	payload, err := proto.Marshal(m)
	if err != nil {
		return
	}
	frame := wire.AppendFrame(nil, id, payload)
	to.writing.Lock()
	n, _ := to.conn.Write(frame)
	to.writing.Unlock()
	s.counters.Frames.Add(1)
	s.counters.Bytes.Add(uint64(n))
}

// cellOf returns the cell of a place; whoever is outside is in the nearest.
func (s *Server) cellOf(at *pb.Position) int {
	column := max(0, min(int(at.X/s.world.Cell), s.world.Columns-1))
	row := max(0, min(int(at.Z/s.world.Cell), s.world.Rows-1))
	return row*s.world.Columns + column
}

// sees reports whether one cell is among the nine round another.
func (s *Server) sees(a, b int) bool {
	columns := a%s.world.Columns - b%s.world.Columns
	rows := a/s.world.Columns - b/s.world.Columns
	return max(columns, -columns) <= 1 && max(rows, -rows) <= 1
}

// near visits everybody in the nine cells round a cell.
func (s *Server) near(cell int, visit func(*player)) {
	column, row := cell%s.world.Columns, cell/s.world.Columns
	for r := max(0, row-1); r <= min(row+1, s.world.Rows-1); r++ {
		for c := max(0, column-1); c <= min(column+1, s.world.Columns-1); c++ {
			for _, q := range s.cells[r*s.world.Columns+c] {
				visit(q)
			}
		}
	}
}
