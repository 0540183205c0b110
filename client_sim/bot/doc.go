// Package bot plays many clients of the classic dialect at once: it connects them, moves them, measures what reaches
// them and, when asked to verify, proves from the outside that everybody is shown exactly whom it should see.
//
// It is a stranger to the server: it knows the protocol (net/wire, net/classic) and reckons cells by the protocol's own
// arithmetic, so that a mistake in the server cannot hide behind the same mistake here.
//
// Read Run first, then round.go (what a run does), view.go (what one bot was shown, and the rules of the stream) and
// oracle.go (what it should have been shown).
//
// Who owns what: a bot's motion belongs to the pacer; what it was shown is guarded by its mutex, which its reader holds
// for one read at a time; its track, from which everybody else times its moves, is atomic.
package bot
