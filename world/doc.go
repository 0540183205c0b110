// Package world is WHAT HAPPENS: the state of a world and the tick that changes it.
//
// World is pure: Step takes an Input (the tick's number, its time, the commands) and returns an Output (what happened to
// whom, in which cells). It knows no goroutine, clock, lock or random source, so the same inputs give the same outputs,
// the same state and the same hash, anywhere. Loop is the small shell round it: it owns the ticker and the mailbox, and
// hands each Output to the audience. Manager is the WorldManager: all worlds of a server and the ids of their players.
//
// Read loop.go first, then step.go.
package world
