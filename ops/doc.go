// Package ops is how a running server is watched: is it alive, is it ready, what does it do. It reads published
// snapshots and counters alone, so that whoever looks, however often, the tick waits for nobody.
package ops
