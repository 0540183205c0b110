// Package floor is the least that a world server can do: once a tick it reads what has arrived and sends one frame to each
// client, by raw system calls that do not block, from one thread. It decides nothing, looks into nothing, and keeps no world.
// What a real server costs beyond it is what that server can still save.
//
// There is no epoll in it: with everybody moving in every tick, one read of each socket is cheaper than asking first. Where
// few move, asking would be.
package floor

import "errors"

// ErrSystem says that there is no floor on this system.
var ErrSystem = errors.New("the floor program makes Linux's system calls: it runs on Linux alone")

// Config describes a floor.
type Config struct {
	// Address is host:port to listen on.
	Address string
	// WebSocket upgrades every connection.
	WebSocket bool
	// TickRate is how often everybody is read and written, in Hz.
	TickRate float64
	// FrameBytes is how long each frame is over the wire, headers included.
	FrameBytes int
}
