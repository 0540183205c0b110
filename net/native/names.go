package native

import "strconv"

// guestPrefix begins the names of players who have none of their own.
const guestPrefix = "guest-"

// ShownName returns under which name a player is shown to people: its own, or if it has none guest- and its id, which nobody
// has for a name of his own. So those who do not care for a name have one, and it takes no bytes.
func ShownName(name string, player int32) string {
	if name != "" {
		return name
	}
	return guestPrefix + strconv.Itoa(int(player))
}
