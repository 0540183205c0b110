// Package view is WHAT EACH CLASS IS SHOWN: it turns a world's Output into the frames that its viewers receive.
//
// A viewer's class in a tick is the pair (its cell before, its cell after): (C, C) for the many who stayed, (A, B) for
// those who crossed, (none, C) for who joined. Everybody in a class is handed the same bytes. For an entity p and the
// class (a, b), with N(c) the neighbourhood of c and N(none) empty, let "was" mean that p's cell before lies in N(a), and
// "is" that p's cell after lies in N(b):
//
//	is, not was            p appears
//	was and is, changed    p moved
//	was, not is            p leaves
//
// Oneself is no special case: the echo of one's own move falls out of the rule.
//
// The package is as pure as the world: Output and readiness in, frames out; no goroutine, clock or lock.
package view
