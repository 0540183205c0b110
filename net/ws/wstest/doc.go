// Package wstest holds readers of WebSocket clients to RFC 6455: a table of what clients send, well or badly, and of what
// must come of it, whoever reads. It is for tests.
package wstest
