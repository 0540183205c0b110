// Package crowd is what both views know about crowds: who is next to whom, who matters most, and when there is a crowd at all.
//
//   - Controller says which cells are told less than everything: the large ones of a view that would exceed its budget.
//   - Tree cuts the members of such a cell into leaves of few who are near one another, anew each time: a leaf is a class of
//     viewers, and what is told of it is written once. Search finds the leaves round a place, the nearest first.
//   - Picker chooses who is told to all that see the cell: those of whom it knows least, and those who have waited longest.
//   - Course estimates how fast somebody goes, so that others can be shown it where it is by now.
//   - Governor gives crowds less while ticks take too long.
//
// The package is as pure as the views: no goroutine, clock, lock, random source or map order.
package crowd
