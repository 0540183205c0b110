// Package ws is the frontend for WebSocket (RFC 6455). gorilla/websocket does the upgrade with its checks. What follows is
// taken apart by the package's own decoder, which needs no goroutine and no buffer while nothing arrives; every byte that goes
// out goes through the session's outbox, the answers included that the protocol demands.
package ws
