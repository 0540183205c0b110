// Package memnet is a network in memory for tests: listeners and connections that fill up, stall, delay and break like
// real ones, but on the clock of a testing/synctest bubble, so that a test of 45 seconds of silence takes none. The real
// frontends run on it, net/http and gorilla/websocket included.
//
// Puppet is a wire.Conn without even goroutines, for simulations that are one sequence of steps.
package memnet
