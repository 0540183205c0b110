package press

import "time"

// Crowds is what a view told of its crowds in a tick, for whoever watches.
type Crowds struct {
	// Crowded is how many streams or cells are crowded now, Share which part of their budget they are given: 1 is all of it.
	Crowded int
	Share   float64
	// Bound is within how much time everybody in a crowd is told of who is not where its viewers think, in the slowest of them.
	Bound time.Duration
	// Far and Near are how many bytes of the tick's deliveries were far lanes and near lanes.
	Far, Near int
}
