// Package sim is the whole server in virtual time: real world, view, sessions and outboxes, played by simulated clients
// that join, move, chat, stall, read slowly, lose their connection and resume, vanish in the middle of a frame and send what they
// must not, all from one seed.
//
// An oracle that knows what was sent, and nothing of how the server works, says after every tick what each client that
// reads must believe. The same seed gives the same bytes to every client.
package sim
