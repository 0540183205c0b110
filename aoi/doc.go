// Package aoi is WHO SEES WHOM: a grid of cells over the X/Z plane, and the neighbourhood of each cell.
//
// Grid is the geometry alone: which cell a position lies in, which cells lie around a cell. Manager (the AOIManager) adds
// who stands where. Both are flat arrays: nothing is looked up in a map and nothing is locked.
package aoi
