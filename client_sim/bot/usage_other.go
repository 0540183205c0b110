//go:build !unix

package bot

import "time"

// usage is the CPU time that this process has used, or 0 where that is not known.
func usage() time.Duration { return 0 }
