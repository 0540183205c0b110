//go:build !unix

package figures

import "time"

// processorTime is not known.
func processorTime() time.Duration { return 0 }
