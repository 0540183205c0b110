// Package wire is the frame format that every transport and dialect shares, and the Conn through which the rest of the
// server knows a client's connection.
//
// A frame is
//
//	uint32 little-endian payload length | uint32 little-endian message id | payload
//
// The length does not count the 8-byte header. On a TCP stream frames follow one another; one binary WebSocket message
// holds one or more whole frames, the very bytes that TCP would carry.
//
// The frontends share what stands here too: the Listener that survives a lack of file descriptors, the Gate that admits,
// the Reader that cuts frames out of a stream, and the Link, which holds a peer to its budget, keeps the times of its
// activity, writes without blocking and ends in good order.
package wire
