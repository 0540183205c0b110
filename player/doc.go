// Package player is WHO IS CONNECTED: a session for each connection, from its first byte to the line in the statistics
// that says why it ended.
//
// Reading a session's connection hands the messages that have come in to the handlers, which turn them into commands for the
// world. What goes out leaves through the session's outbox: a write never blocks and nothing queues,
// so a slow client costs freshness and never memory. Audience shows a world to its sessions, tick by tick. Registry
// holds all sessions, bounds their number, and finds those that are dead.
//
// Read session.go first, then outbox.go, then audience.go.
package player
