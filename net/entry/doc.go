// Package entry is what a connection goes through before a frontend gets it: the PROXY header of a trusted proxy, and the
// TLS handshake. Both happen on a goroutine of the connection's own, under one deadline; whoever dawdles holds up nobody.
package entry
