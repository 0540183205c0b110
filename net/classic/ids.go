package classic

// Message ids. A classic client never receives one that is not here, unless it is of a game.
const (
	IDWelcome   = 1   // S→C SyncPID: your player id
	IDTalk      = 2   // C→S Talk: world chat
	IDPosition  = 3   // C→S Position: move to here
	IDBroadcast = 200 // S→C BroadCast: something about one player
	IDLeave     = 201 // S→C SyncPID: that player left the game or the view
	IDSnapshot  = 202 // S→C SyncPlayers: everyone in view, on entering
	// IDAttributes is S→C Attributes: what a game shows of an entity in view. The tutorial does not have it.
	IDAttributes = 203
	// FirstGameID is the first id that is left to games, in both directions.
	FirstGameID = 10_000
)

// Values of BroadCast.Tp.
const (
	tpChat   = 1
	tpAppear = 2
	tpAction = 3
	tpMoved  = 4
)

// Field numbers of the messages.
const (
	fieldPID      = 1 // of SyncPID, BroadCast, Player, Attributes
	fieldKind     = 2 // of Attributes
	fieldShown    = 3 // of Attributes
	fieldContent  = 1 // of Talk
	fieldTp       = 2 // of BroadCast
	fieldText     = 3 // of BroadCast
	fieldPlace    = 4 // of BroadCast
	fieldAction   = 5 // of BroadCast
	fieldPlayers  = 1 // of SyncPlayers
	fieldPlayerAt = 2 // of Player
	fieldX        = 1 // of Position, and so on to V
	fieldV        = 4
)
