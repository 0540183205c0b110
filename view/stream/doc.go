// Package stream is what viewers of the native dialect are shown: cells as streams.
//
// Each cell is a stream of chunks that everybody who sees the cell receives: in a tick in which something happens in it, one
// delta chunk - who left, who entered, who moved - and on demand a key chunk, which is everybody in it. Records name members
// by small slots. A slot that is freed in a tick is used again no earlier than in the next.
//
//   - A key chunk is the stream as it was told last, before this tick's delta, and never live state. So a viewer to whom cells
//     are new gets their keys and then the very deltas that all others get.
//   - Positions are rounded to the lattice once, here; deltas are differences to what the stream told last.
//   - When a stream's epoch changes - its slots have become sparse, and are dealt anew - a key chunk as of after the tick takes
//     the place of the delta, for everybody.
//
// A viewer looks from its viewer cell, which follows its own cell with hysteresis; its class in a tick is the pair of its
// viewer cells before and after, and everybody in a class is handed the same bytes. Who could not take a frame is sent keys
// anew, over as many ticks as their size needs, each with the deltas of what it has got already.
//
// As every view the package is pure: Output and readiness in, frames out; no goroutine, clock or lock.
package stream
