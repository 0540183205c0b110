// Package moderation is WHO MAY NOT: bans and mutes, which outlive the process, and what moderators do. Functions do it; the
// operator's API is in ops/admin.
//
// A ban or mute is of an account, a name, or an address, until a time or for good; a mute may also be of a player, for as long as
// that plays. Whatever a moderator does is in force when the call returns, and its players leave in the next tick.
package moderation
