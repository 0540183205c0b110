package native

// Version is the newest version of the dialect that this package speaks, OldestVersion the oldest.
const (
	Version       = 1
	OldestVersion = 1
)

// Subprotocol is the WebSocket subprotocol that chooses the dialect.
const Subprotocol = "aoiworld.v1"

// Message ids. 1000 to 4999 must be known to whoever speaks a version; who does not know one of 5000 to 9999 passes over it;
// from 10000 on they are the games'.
const (
	IDHello   = 1000 // C→S Hello, first
	IDMove    = 1001 // C→S Move
	IDSay     = 1002 // C→S Say
	IDGesture = 1003 // both ways, Gesture
	IDPing    = 1004 // both ways, Ping
	IDPong    = 1005 // both ways, Pong
	IDGoodbye = 1006 // both ways, Goodbye, last
	IDHide    = 1007 // C→S Hide

	IDWelcome = 1100 // S→C Welcome, first
	IDTick    = 1101 // S→C Tick
	IDAck     = 1102 // S→C Ack
	IDChat    = 1103 // S→C Chat
	IDNotice  = 1104 // S→C Notice
	IDError   = 1105 // S→C Error
	IDWorld   = 1106 // S→C World

	// FirstOptionalID to FirstGameID-1 may be passed over by who does not know them.
	FirstOptionalID = 5000
	FirstGameID     = 10_000
)

// MaxClientName is how much of Hello.client is logged (bytes).
const MaxClientName = 64
