package server

import "aoiworld/conf"

// ourDescriptors is how many of the files that the process may have open are kept for itself: listeners, what polls, the log,
// keys that are read anew, the operator's connections.
const ourDescriptors = 128

// maxConnections is the most that limits.connections may be.
const maxConnections = 1_000_000

// connections returns how many connections may live at once: as many as configured, or, where that is 0, as there are descriptors
// for (the default if nobody knows). Never more than those: who waits for
// a descriptor is better told that the server is full.
func connections(configured, descriptors int) int {
	room := maxConnections
	if descriptors > 0 {
		room = min(room, max(1, descriptors-ourDescriptors))
	} else if configured == 0 {
		configured = conf.Default().Limits.Connections
	}
	if configured == 0 {
		return room
	}
	return min(configured, room)
}
