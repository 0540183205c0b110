package overload

import (
	"math"
	"runtime/debug"
	"runtime/metrics"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// MemoryLimit returns how much memory the process may use (bytes): as configured, or else as GOMEMLIMIT says, or the
// container that it is in (cgroups); 0 where nobody says.
func MemoryLimit(configured uint64) uint64 {
	if configured > 0 {
		return configured
	}
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return uint64(limit)
	}
	if limit, err := memlimit.FromCgroup(); err == nil {
		return limit
	}
	return 0
}

// Names of the runtime's figures that usage is made of (bytes).
var usageOf = []string{
	"/memory/classes/total:bytes",
	"/memory/classes/heap/released:bytes",
	"/memory/classes/heap/objects:bytes",
	"/memory/classes/heap/free:bytes",
	"/memory/classes/heap/unused:bytes",
	"/gc/heap/live:bytes",
}

// MemoryUsage returns how much memory the process has from the system (bytes), as the Go runtime counts it. Where the runtime
// keeps to a limit of its own, GOMEMLIMIT, that is up to the limit, garbage does not count: there is garbage as long as there
// is room, and it goes when there is none.
func MemoryUsage(limit uint64) func() uint64 {
	collected := uint64(debug.SetMemoryLimit(-1)) <= limit
	samples := make([]metrics.Sample, len(usageOf))
	for i, name := range usageOf {
		samples[i].Name = name
	}
	return func() uint64 {
		metrics.Read(samples)
		n := func(i int) uint64 { return samples[i].Value.Uint64() }
		total, released, objects, free, unused, live := n(0), n(1), n(2), n(3), n(4), n(5)
		if !collected {
			return total - released
		}
		return total - released - objects - free - unused + min(live, objects)
	}
}
