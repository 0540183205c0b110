// Package native is the wire format of the native dialect: messages as plain Go values, appended to and cut from bytes. The
// messages that come with every tick are written and read by hand, without allocating; the others by the generated code of
// pb/native. docs/native.md explains the dialect to whoever writes a client.
package native
