// Package ws is the frontend for WebSocket (RFC 6455). gorilla/websocket does the upgrade with its checks, and the reading;
// every byte that goes out after the handshake goes through the session's outbox, the answers included that gorilla makes
// by itself.
package ws
