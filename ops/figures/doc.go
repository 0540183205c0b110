// Package figures is what charts of a server need: one sample a second, and those of the last ten minutes. They are taken by a
// goroutine of their own from what is published anyway; a tick leaves no more than a few numbers.
package figures
