// Package poll reads the sockets of all connections together, once a tick, by system calls that never wait. A goroutine for
// each connection costs memory while nothing comes, and a wake-up for every message; with thousands of players wake-ups are most
// of what a server does. Where the package can (Linux), a Poller takes a TCP connection over from package net: from then on one
// epoll tells which connections have something to read, and those are read when somebody calls Poll.
//
// Elsewhere, and of connections that are not plain sockets (TLS), a Poller takes over nothing, and their readers wait on
// goroutines of their own.
//
// An Alarm is what a world's loop sleeps by between its ticks: to the runtime it is a socket like others.
package poll
