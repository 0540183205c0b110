//go:build !unix

package bot

import "time"

// usage is the CPU time that this process has used, or 0 where that is not known.
func usage() time.Duration { return 0 }

// peakMemory is the most resident memory that this process has had, in bytes, or 0 where that is not known.
func peakMemory() int64 { return 0 }
