// Package memnet is a network in memory for tests: listeners and connections that fill up, delay and break like real ones,
// without a socket, and without a wait in a testing/synctest bubble.
package memnet
