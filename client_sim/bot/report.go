package bot

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Report is what a run found. Rates are over the time in which the bots moved; joining and quiet points are left out.
type Report struct {
	// Began is when the run did.
	Began     time.Time `json:"began"`
	Server    string    `json:"server"`
	Transport string    `json:"transport"`
	Dialect   string    `json:"dialect"`        // native, classic or both
	Form      string    `json:"form,omitempty"` // of moves in the native dialect
	Motion    string    `json:"motion"`
	Seed      uint64    `json:"seed"`
	Bots      int       `json:"bots"`    // as many were wanted
	Joined    int       `json:"joined"`  // as many were in the world at the end
	Failed    int       `json:"failed"`  // as many joins did not come about
	Seconds   float64   `json:"seconds"` // of moving

	MovesPerSecond float64 `json:"movesPerSecond"`
	// UpdatesPerSecond counts records about another player that reached a bot: moves, appearances and departures.
	UpdatesPerSecond float64 `json:"updatesPerSecond"`
	// FramesPerSecond counts messages of the protocol; ReadsPerSecond how often bytes arrived at a bot, which comes close
	// to the server's writes.
	FramesPerSecond float64 `json:"framesPerSecond"`
	ReadsPerSecond  float64 `json:"readsPerSecond"`
	// Audience is how many other players a mover had in view when it heard of its move, on average.
	Audience float64 `json:"audience"`
	// BytesPerUpdate is everything that arrived at the sockets, headers and own echoes included, by updates.
	BytesPerUpdate float64 `json:"bytesPerUpdate"`

	// Expected and Delivered count moves by viewers. A viewer knows a mover from its appearance, or the snapshot, to its
	// departure. Each move that is later than the one by which the viewer came to know the mover is expected once; it is
	// delivered when it, or a later position of that mover, arrives within two ticks of its sending. A departure stands
	// for the mover's moves of the last two ticks, which then count as neither.
	// Moves of members of crowds are neither where bots look on, which they do unless they verify: CrowdedPart is the part of
	// the updates that were of those.
	Expected      int64   `json:"expected"`
	Delivered     int64   `json:"delivered"`
	DeliveredPart float64 `json:"deliveredPart"`
	CrowdedPart   float64 `json:"crowdedPart,omitempty"`

	// LatencyMillis is from the sending of a move to its arrival at another player, of moves that arrived; one that was
	// overtaken by a later one is not in it. Where many sockets are polled it is over-stated by up to a millisecond.
	LatencyMillis Latency `json:"latencyMillis"`
	// P99Ticks is the 99th percentile in ticks of the server.
	P99Ticks float64 `json:"p99Ticks"`

	// Lookers is the part of the bots that timed what they were shown: what is said of moves that were expected, delivered and
	// late is of those.
	Lookers float64 `json:"lookers"`
	// Staleness is how old what they were shown was; nil where nobody was shown anybody. Extrapolation is how far off the tracks
	// of crowds led; nil where there was none.
	Staleness     *Staleness     `json:"staleness,omitempty"`
	Extrapolation *Extrapolation `json:"extrapolation,omitempty"`

	// ServerCores is what the server took on average, ServerRSSBytes its memory at most, while the bots moved, ServerLateTicks
	// how many of its ticks were late. They are there when the server's metrics could be read; where the Series is of less than
	// half of the time, they are from before and after the run, quiet points included, as ServerUse is.
	ServerCores     float64 `json:"serverCores,omitempty"`
	ServerRSSBytes  float64 `json:"serverRSSBytes,omitempty"`
	ServerLateTicks float64 `json:"serverLateTicks,omitempty"`
	// Regrids is how often the world was cut into other cells while the bots moved.
	Regrids int `json:"regrids,omitempty"`
	// ServerUse is what else it did, from the first move to the last. It is nil where the metrics could not be read.
	ServerUse *ServerUse `json:"serverUse,omitempty"`

	// CPUMicrosPerBot is CPU time of this process, a second and bot, in µs; Cores is the same of all bots together. When
	// the server runs in the same process it is in both.
	CPUMicrosPerBot float64 `json:"cpuMicrosPerBot"`
	Cores           float64 `json:"cores"`
	// RSSBytes is the most memory that this process has had.
	RSSBytes int64 `json:"rssBytes"`
	// LateSends are moves that the bots themselves sent more than 10 ms after they were due; SkippedSends were given up
	// because the bots were a second behind; BlockedSends did not fit into a connection that the server does not read.
	LateSends    int64 `json:"lateSends"`
	SkippedSends int64 `json:"skippedSends"`
	BlockedSends int64 `json:"blockedSends"`
	// StolenSeconds is core time that a virtual machine's host took from it while the bots moved, of all cores together. It may
	// make moves late.
	StolenSeconds float64 `json:"stolenSeconds"`
	// SendLatenessMillis is how late the bots sent.
	SendLatenessMillis Latency `json:"sendLatenessMillis"`
	// Corrections are positions that the server told a bot about itself that confirm no new move: refusals.
	Corrections int64 `json:"corrections"`

	// ChatsSaid is small talk that bots said, ChatsHeard how often a bot heard some, ChatsPart the latter by how often they
	// would have if the server, for its limits, had dropped none. What a newcomer hears before it moves counts as neither.
	ChatsSaid  int64   `json:"chatsSaid"`
	ChatsHeard int64   `json:"chatsHeard"`
	ChatsPart  float64 `json:"chatsPart"`

	// Closes counts connections that ended without the bots' doing, by reason.
	Closes map[string]int `json:"closes"`
	// Checks is how many quiet points were held against the truth, 0 without verifying.
	Checks int `json:"checks"`
	// Violations is how many there were, ViolationKinds of which kind; Listed holds the first 200.
	Violations     int64          `json:"violations"`
	ViolationKinds map[Kind]int64 `json:"violationKinds"`
	Listed         []Violation    `json:"listed"`

	// Trustworthy says that the bots themselves were in time, so that the figures are the server's; Doubts says why not.
	Trustworthy bool     `json:"trustworthy"`
	Doubts      []string `json:"doubts"`
	// Failures says what was not as it should be: somebody could not join or did not stay, nobody moved, or a goal was
	// missed.
	Failures []string `json:"failures"`

	// Phases has what each phase found, where there was more than one.
	Phases []PhaseReport `json:"phases,omitempty"`
	// Series has a sample for each second in which the bots did nothing but move.
	Series []Sample `json:"series"`
	// Settings is how the run was configured; nil in reports that are older than it.
	Settings *Settings `json:"settings,omitempty"`
	// Machine is where the bots ran.
	Machine Machine `json:"machine"`
}

// Good reports whether the run was as it should be.
func (r Report) Good() bool { return len(r.Failures) == 0 }

// measurement is what a run is measured from.
type measurement struct {
	tally tally
	moves int64
	usage time.Duration
	wall  time.Duration
	// stolen is core time that the machine's host took.
	stolen time.Duration

	server *ServerUse
}

// begin starts the measurement: what was before does not count.
func (f *fleet) begin() measurement {
	runtime.GC() // while nobody is in a hurry: joining has left much
	f.drained()
	for _, r := range f.latency {
		r.reset()
	}
	f.sends.reset()
	f.looker.reset()
	f.began.Store(int64(f.clock()))
	return f.measure()
}

// measure returns how everything that is counted stands.
func (f *fleet) measure() measurement {
	sum, moves := f.totals()
	return measurement{tally: sum, moves: moves, usage: usage(), wall: f.clock(), stolen: stolen(proc)}
}

// report sums up.
func (f *fleet) report(r *rounds, m measurement) Report {
	sum, moves := f.totals()
	sum.add(m.tally, -1)
	closes, failed := f.ends()
	seconds := r.moving.Seconds()
	report := Report{
		Began: f.start.UTC().Round(0), Server: f.cfg.Server, Transport: f.cfg.Transport, Dialect: f.cfg.Dialect,
		Form: f.cfg.form(), Motion: motionsOf(f.cfg.phases()), Seed: f.cfg.Seed, Lookers: f.cfg.Lookers,
		Bots: f.stage.Load().Bots, Joined: f.alive(), Failed: failed, Seconds: seconds,
		MovesPerSecond:     ratio(float64(moves-m.moves), seconds),
		UpdatesPerSecond:   ratio(float64(sum.updates), seconds),
		FramesPerSecond:    ratio(float64(sum.frames), seconds),
		ReadsPerSecond:     ratio(float64(sum.reads), seconds),
		Audience:           ratio(float64(sum.audience), float64(sum.echoes)),
		BytesPerUpdate:     ratio(float64(sum.bytes), float64(sum.updates)),
		Expected:           sum.expected,
		Delivered:          sum.delivered,
		DeliveredPart:      ratio(float64(sum.delivered), float64(sum.expected)),
		CrowdedPart:        ratio(float64(sum.crowded), float64(sum.updates)),
		LatencyMillis:      summarise(f.latency[:]...),
		Cores:              ratio(m.usage.Seconds(), m.wall.Seconds()),
		LateSends:          f.sends.late.Load(),
		SkippedSends:       f.sends.skipped.Load(),
		BlockedSends:       f.sends.blocked.Load(),
		SendLatenessMillis: summarise(f.sends.lateness),
		StolenSeconds:      m.stolen.Seconds(),
		Corrections:        sum.corrections,
		ChatsSaid:          r.pacer.said,
		ChatsHeard:         sum.chats,
		ChatsPart:          ratio(float64(sum.chats), float64(r.pacer.ears)),
		Phases:             r.found,
		Closes:             closes,
	}
	report.P99Ticks = report.LatencyMillis.P99 / 1000 * f.cfg.TickRate
	report.CPUMicrosPerBot = report.Cores * 1e6 / float64(f.stage.Load().Bots)
	if f.cfg.Verify {
		report.Checks = r.checks
	}
	report.Violations, report.ViolationKinds, report.Listed = f.wrong.all()
	report.Series, report.Machine, report.RSSBytes = append([]Sample{}, f.series...), f.machine, peakMemory()
	report.Settings = f.cfg.settings()
	report.Staleness, report.Extrapolation = f.looker.report()
	report.ServerCores, report.ServerRSSBytes, report.ServerLateTicks = serverUse(f.series, m.server, r.moving)
	report.ServerUse, report.Regrids = m.server, r.regrids.done
	report.Doubts, report.Failures = f.sends.doubts(), f.cfg.Goals.failures(&report)
	report.Failures = append(report.Failures, r.regrids.failed...)
	report.Trustworthy = len(report.Doubts) == 0
	return report
}

// motionsOf names the motions of phases, each once.
func motionsOf(phases []Phase) string {
	var names []string
	for _, p := range phases {
		if !slices.Contains(names, p.Motion) {
			names = append(names, p.Motion)
		}
	}
	return strings.Join(names, ", ")
}

// ratio is a/b, or 0 when there is nothing to divide by.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// WriteJSON writes the report as one indented JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// listedLines is how many violations a text report shows.
const listedLines = 20

// speaks names the transport and the dialect.
func (r *Report) speaks() string {
	name := r.Transport + ", " + r.Dialect
	if r.Form != "" {
		name += " in " + r.Form
	}
	return name
}

// WriteText writes the report for a reader.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	line := func(name, format string, values ...any) {
		fmt.Fprintf(&b, "%-12s "+format+"\n", append([]any{name}, values...)...)
	}
	l, s := r.LatencyMillis, r.SendLatenessMillis
	line("bots", "%d of %d over %s to %s, %s, seed %d", r.Joined, r.Bots, r.speaks(), r.Server, r.Motion, r.Seed)
	line("moved", "%.1f s, %.0f moves/s", r.Seconds, r.MovesPerSecond)
	line("received", "%.0f updates/s in %.0f frames/s and %.0f reads/s; %.1f bytes per update",
		r.UpdatesPerSecond, r.FramesPerSecond, r.ReadsPerSecond, r.BytesPerUpdate)
	line("audience", "%.1f other players in view", r.Audience)
	line("delivered", "%s", r.delivery())
	line("latency", "p50 %.1f  p90 %.1f  p99 %.1f  p99.9 %.1f  max %.1f ms; p99 %.2f ticks",
		l.P50, l.P90, l.P99, l.P999, l.Max, r.P99Ticks)
	r.writeStaleness(line)
	line("this process", "%.2f cores, %.0f µs a second and bot, %.1f MB", r.Cores, r.CPUMicrosPerBot, float64(r.RSSBytes)/1e6)
	if r.ServerRSSBytes > 0 {
		line("the server", "%.2f cores, %.1f MB, %.0f ticks late", r.ServerCores, r.ServerRSSBytes/1e6, r.ServerLateTicks)
	}
	if r.Regrids > 0 {
		line("re-grids", "%d while the bots moved%s", r.Regrids, r.longestTick())
	}
	line("late sends", "%d by more than 10 ms, p99 %.1f, max %.1f ms; %d skipped, %d blocked",
		r.LateSends, s.P99, s.Max, r.SkippedSends, r.BlockedSends)
	if r.StolenSeconds > 0 {
		line("the machine", "its host took %.2f s of core time from it", r.StolenSeconds)
	}
	if r.ChatsSaid > 0 {
		line("small talk", "%d said, %.4f of them heard by each bot", r.ChatsSaid, r.ChatsPart)
	}
	for _, p := range r.Phases {
		line("- "+p.Name, "%.1f s, %d bots, %.0f moves/s, %.0f updates/s, delivered %.4f, p50 %.1f  p99 %.1f ms",
			p.Seconds, p.Bots, p.MovesPerSecond, p.UpdatesPerSecond, p.DeliveredPart, p.LatencyMillis.P50, p.LatencyMillis.P99)
	}
	if r.Corrections > 0 {
		line("corrections", "%d", r.Corrections)
	}
	line("failed joins", "%d", r.Failed)
	for _, cause := range slices.Sorted(maps.Keys(r.Closes)) {
		line("closed", "%d × %s", r.Closes[cause], cause)
	}
	r.writeViolations(&b)
	for _, failure := range r.Failures {
		line("FAILED", "%s", failure)
	}
	for _, doubt := range r.Doubts {
		line("NOT TO TRUST", "%s", doubt)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// delivery says how much was delivered, and of what.
func (r *Report) delivery() string {
	text := "nothing was expected of anybody"
	if r.Expected > 0 {
		text = fmt.Sprintf("%.4f of %d within two ticks", r.DeliveredPart, r.Expected)
	}
	if r.CrowdedPart > 0 {
		text += fmt.Sprintf("; %.1f %% of the updates were of crowds, of which staleness tells", 100*r.CrowdedPart)
	}
	return text
}

// writeStaleness writes how old what was shown was.
func (r *Report) writeStaleness(line func(name, format string, values ...any)) {
	if s := r.Staleness; s != nil {
		line("staleness", "nearest 20: p50 %.0f  p99 %.0f  nearest 100: p50 %.0f  p99 %.0f  all: p50 %.0f  p99 %.0f  max %.0f ms",
			s.Nearest20.P50, s.Nearest20.P99, s.Nearest100.P50, s.Nearest100.P99, s.All.P50, s.All.P99, s.All.Max)
	}
	if e := r.Extrapolation; e != nil {
		line("crowds", "extrapolated p50 %.2f  p95 %.2f  p99 %.2f units off; told anew within %.1f s, at most %.1f declared",
			e.P50, e.P95, e.P99, e.OldestSeconds, e.BoundSeconds)
	}
	if r.Lookers > 0 && r.Lookers < 1 {
		line("lookers", "%.3f of the bots timed what they were shown", r.Lookers)
	}
}

// longestTick says what no tick of the server took longer than, where that is known.
func (r *Report) longestTick() string {
	if r.ServerUse == nil {
		return ""
	}
	return fmt.Sprintf("; no tick took longer than %.3g ms", r.ServerUse.LongestTickMillis)
}

// writeViolations writes how many violations there were and the first of them.
func (r Report) writeViolations(b *strings.Builder) {
	fmt.Fprintf(b, "%-12s %d", "violations", r.Violations)
	if r.Checks > 0 {
		fmt.Fprintf(b, " (views held against the truth %d times)", r.Checks)
	}
	b.WriteByte('\n')
	for _, kind := range slices.Sorted(maps.Keys(r.ViolationKinds)) {
		fmt.Fprintf(b, "  %d × %s\n", r.ViolationKinds[kind], kind)
	}
	shown := r.Listed[:min(listedLines, len(r.Listed))]
	for _, v := range shown {
		fmt.Fprintf(b, "  %s\n", v)
	}
	if more := r.Violations - int64(len(shown)); more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
}
