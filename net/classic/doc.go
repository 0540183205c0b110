// Package classic is the classic dialect: the protocol of the tutorial server (Zinx's mmo_game demo), exact to the
// byte. It turns messages into plain Go values and appended bytes, by hand, because there are few of them and they are
// hot; tests and fuzzing hold every function against the generated codec.
//
// A server writes with Encoder and reads with ParsePosition and ParseTalk; a client writes with AppendMove and
// AppendTalk and reads with Decode.
package classic
