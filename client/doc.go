// Package client is the Go client of the native dialect. A Replica is what a server shows to one viewer, and nothing else: a
// state machine for whoever has a connection of their own. A Client is a Replica with a connection that resumes by itself, with
// one's own moves predicted and everybody else's places interpolated.
package client
