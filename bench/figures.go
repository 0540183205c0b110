package main

import (
	"cmp"
	"slices"
)

// Names of figures, as they are in the JSON.
const (
	framesPerSecond  = "framesPerSecond"
	bytesPerFrame    = "bytesPerFrame"
	cpuPerFrame      = "cpuMicrosPerFrame"
	userPerFrame     = "userMicrosPerFrame"
	systemPerFrame   = "systemMicrosPerFrame"
	userPart         = "userPart"
	sendsPerFrame    = "sendMicrosPerFrame"
	readsPerFrame    = "readMicrosPerFrame"
	softirqPerFrame  = "ksoftirqdMicrosPerFrame"
	cores            = "cores"
	cpuPerPlayer     = "cpuMicrosPerPlayerSecond"
	updatesPerSecond = "updatesPerSecond"
	updatesPerCPU    = "updatesPerCPUSecond"
	audience         = "audience"
	latencyP50       = "latencyP50Millis"
	latencyP99       = "latencyP99Millis"
	p50Ticks         = "latencyP50Ticks"
	p99Ticks         = "latencyP99Ticks"
	deliveredPart    = "deliveredPart"
	ticksPerSecond   = "ticksPerSecond"
	lateTicks        = "lateTicks"
	residentEach     = "rssBytesPerConnection"
	goMemoryEach     = "goBytesPerConnection"
	allocsPerFrame   = "allocationsPerFrame"
	lags             = "lags"
	closedSlow       = "closedAsSlow"
	slowMemoryEach   = "bytesPerSlowClient"
	violations       = "violations"
	otherCores       = "otherCores"
	botCores         = "botCores"
	lateSendsPart    = "lateSendsPart"
	kbitPerPlayer    = "kbitPerPlayerSecond"
	stale20          = "stalenessNearest20P99Millis"
	stale100         = "stalenessNearest100P99Millis"
	staleAll         = "stalenessAllP99Millis"
	offP95           = "extrapolationP95Units"
	oldestTrack      = "oldestTrackSeconds"
	boundDeclared    = "declaredBoundSeconds"
	grouped          = "groupedPart"
)

// figure is a row of a table.
type figure struct {
	key, name, format string
	scale             float64 // what the value is multiplied by to be shown
}

// figures are the rows of a table, in their order.
var figures = []figure{
	{framesPerSecond, "frames/s", "%.0f", 1},
	{bytesPerFrame, "bytes a frame", "%.0f", 1},
	{cpuPerFrame, "CPU a frame, µs", "%.2f", 1},
	{userPerFrame, "  user", "%.2f", 1},
	{systemPerFrame, "  system", "%.2f", 1},
	{userPart, "  user share", "%.0f %%", 100},
	{sendsPerFrame, "  its sends alone", "%.2f", 1},
	{readsPerFrame, "  its reads alone", "%.2f", 1},
	{softirqPerFrame, "ksoftirqd a frame, µs", "%.2f", 1},
	{kbitPerPlayer, "kbit/s a player", "%.0f", 1},
	{cores, "cores", "%.3f", 1},
	{cpuPerPlayer, "CPU a player, µs/s", "%.1f", 1},
	{audience, "others in view", "%.1f", 1},
	{updatesPerSecond, "updates/s", "%.0f", 1},
	{updatesPerCPU, "updates a CPU-second", "%.0f", 1},
	{latencyP50, "latency p50, ms", "%.1f", 1},
	{latencyP99, "latency p99, ms", "%.1f", 1},
	{p50Ticks, "latency p50, ticks", "%.2f", 1},
	{p99Ticks, "latency p99, ticks", "%.2f", 1},
	{deliveredPart, "delivered", "%.4f", 1},
	{stale20, "staleness p99, nearest 20, ms", "%.0f", 1},
	{stale100, "  nearest 100, ms", "%.0f", 1},
	{staleAll, "  all, ms", "%.0f", 1},
	{offP95, "extrapolated p95, units off", "%.2f", 1},
	{oldestTrack, "told anew within, s", "%.1f", 1},
	{boundDeclared, "  declared, s", "%.1f", 1},
	{grouped, "  told in groups above 5 s", "%.0f %%", 100},
	{ticksPerSecond, "ticks/s", "%.2f", 1},
	{lateTicks, "late ticks", "%.0f", 1},
	{residentEach, "RSS a connection, KB", "%.1f", 1. / 1024},
	{goMemoryEach, "heap and stack a connection, KB", "%.1f", 1. / 1024},
	{allocsPerFrame, "allocations a frame", "%.4f", 1},
	{lags, "fell behind", "%.0f", 1},
	{closedSlow, "closed as slow", "%.0f", 1},
	{slowMemoryEach, "heap and stack a slow client, KB", "%.1f", 1. / 1024},
	{violations, "violations", "%.0f", 1},
	{botCores, "bots: cores", "%.2f", 1},
	{otherCores, "others: cores", "%.2f", 1},
	{lateSendsPart, "bots: moves late", "%.2f %%", 100},
}

// values are figures by name; those that do not apply are not there.
type values map[string]float64

// set adds a ratio, unless there is nothing to divide by.
func (v values) set(key string, of, by float64) {
	if by != 0 {
		v[key] = of / by
	}
}

// window is what lies between two samples.
type window struct {
	from, to sample
	after    sample  // what memory is reckoned by
	held     float64 // see heldFor
}

// since is how far a counter has come.
func (w window) since(name string) float64 { return w.to.metrics[name] - w.from.metrics[name] }

// Names of the server's metrics.
const (
	framesTotal    = "aoiworld_frames_sent_total"
	bytesTotal     = "aoiworld_sent_bytes_total"
	tickNumber     = "aoiworld_world_tick"
	lateTicksTotal = "aoiworld_ticks_late_total"
	lagsTotal      = "aoiworld_session_lags_total"
	closedTotal    = "aoiworld_session_closed_total/" // and a code
	closedAsSlow   = closedTotal + "4002"
	collections    = "go_gc_duration_seconds"
	mallocsTotal   = "go_memstats_mallocs_total"
	sendSeconds    = "bench_send_cpu_seconds_total"
	readSeconds    = "bench_read_cpu_seconds_total"
)

// cost returns what a window has cost. Taking a sample makes so many allocations itself.
func (w window) cost(sampleAllocations float64, players int) values {
	v := values{}
	seconds := w.to.at.Sub(w.from.at).Seconds()
	user, system := (w.to.cpu.user - w.from.cpu.user).Seconds(), (w.to.cpu.system - w.from.cpu.system).Seconds()
	frames := w.since(framesTotal)
	v.set(framesPerSecond, frames, seconds)
	v.set(bytesPerFrame, w.since(bytesTotal), frames)
	v.set(cpuPerFrame, (user+system)*1e6, frames)
	v.set(userPerFrame, user*1e6, frames)
	v.set(systemPerFrame, system*1e6, frames)
	v.set(userPart, user, user+system)
	v.set(cores, user+system, seconds)
	v.set(otherCores, (w.to.busy-w.from.busy).Seconds()-user-system, seconds)
	v.set(cpuPerPlayer, (user+system)*1e6, seconds*float64(players))
	v.set(allocsPerFrame, max(0, w.since(mallocsTotal)-sampleAllocations), frames)
	if w.from.hasSoft && w.to.hasSoft {
		v.set(softirqPerFrame, (w.to.softirq-w.from.softirq).Seconds()*1e6, frames)
	}
	if _, has := w.to.metrics[sendSeconds]; has && w.since(sendSeconds) > 0 {
		v.set(sendsPerFrame, w.since(sendSeconds)*1e6, frames)
		v.set(readsPerFrame, w.since(readSeconds)*1e6, frames)
	}
	if _, has := w.to.metrics[tickNumber]; has {
		v.set(ticksPerSecond, w.since(tickNumber), seconds)
		v[lateTicks] = w.since(lateTicksTotal)
		v[lags], v[closedSlow] = w.since(lagsTotal), w.since(closedAsSlow)
	}
	return v
}

// median returns the middle of some numbers, or the mean of the two in the middle. There must be one.
func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// medians returns the median of each figure that any of the runs has.
func medians(runs []values) values {
	found := map[string][]float64{}
	for _, run := range runs {
		for key, value := range run {
			found[key] = append(found[key], value)
		}
	}
	sum := values{}
	for key, all := range found {
		sum[key] = median(all)
	}
	return sum
}

// spread is the least, the middle and the most of some numbers.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Pairs  int     `json:"pairs"`
}

// ratioOf divides a figure of one contender's runs by that of another's, pair by pair; false when there is no pair.
func ratioOf(key string, of, to []values) (spread, bool) {
	var all []float64
	for i := range min(len(of), len(to)) {
		above, hasAbove := of[i][key]
		below, hasBelow := to[i][key]
		if hasAbove && hasBelow && below != 0 {
			all = append(all, above/below)
		}
	}
	if len(all) == 0 {
		return spread{}, false
	}
	return spread{median(all), slices.MinFunc(all, cmp.Compare), slices.MaxFunc(all, cmp.Compare), len(all)}, true
}
