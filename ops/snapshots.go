package ops

import (
	"github.com/prometheus/client_golang/prometheus"

	"aoiworld/overload"
	"aoiworld/player"
)

// snapshots turns what sessions and worlds have published into metrics, at each scrape.
type snapshots struct {
	from Sources

	sessions, opened, closed, messagesRefused, connectionsRefused, lags, logins, resumed, detached *prometheus.Desc

	messages, received, sent, frames, missed, composed, updates *prometheus.Desc

	players, entities, lastTick, tickRate *prometheus.Desc

	busy, overloaded, used *prometheus.Desc

	crowds, crowdShare, crowdBound, crowdBytes *prometheus.Desc

	state *stateMetrics
}

// desc describes a metric.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("aoiworld_"+name, help, labels, nil)
}

// newSnapshots returns the collector of the sources.
func newSnapshots(from Sources) *snapshots {
	return &snapshots{
		from: from, state: newStateMetrics(),
		sessions: desc("sessions", "Sessions that live now, by state.", "dialect", "state", "transport"),
		opened:   desc("session_opened_total", "Sessions that ever began.", "dialect", "transport"),
		closed: desc("session_closed_total", "Sessions that ended, by close code; 1006 is a lost connection.",
			"code", "dialect", "transport"),
		lags:     desc("session_lags_total", "Times that a session began to lag behind its world."),
		logins:   desc("logins_total", "Logins in the native dialect, by what became of them.", "result"),
		resumed:  desc("session_resumed_total", "Sessions that went on as a player that was there already."),
		detached: desc("players_detached", "Players in a world without a connection, who may resume."),
		messagesRefused: desc("messages_refused_total",
			"Messages of clients that had no effect, by reason; worlds count in aoiworld_commands_refused_total.",
			"reason"),
		connectionsRefused: desc("connections_refused_total",
			"Connections that were turned away before they became sessions, by reason.", "reason"),
		messages: desc("messages_received_total", "Whole messages that clients sent."),
		received: desc("received_bytes_total", "Bytes of the whole messages that clients sent, headers included."),
		sent:     desc("sent_bytes_total", "Bytes that the kernel took for clients, control messages included."),
		frames:   desc("frames_sent_total", "Frames that were handed to viewers, one a viewer and tick at most."),
		missed: desc("frames_missed_total",
			"Frames that viewers were not handed because they lagged or had no connection; they are told the difference later."),
		composed: desc("frames_composed_total", "Different frames among those that were handed to viewers."),
		updates:  desc("updates_sent_total", "Records about players in the frames that were handed to viewers."),
		players:  desc("players", "Players in a world now.", "world"),
		entities: desc("entities", "Everybody and everything in a world now, players included.", "world"),
		lastTick: desc("world_tick", "Number of the last tick of a world.", "world"),
		tickRate: desc("tick_rate_hertz",
			"How often ticks of a world are due, a second: as configured, or less often while they take too long.", "world"),
		busy: desc("session_overload_refused_total",
			"Sessions of somebody new that were refused because the server had too much to do."),
		overloaded: desc("overloaded", "1 while nobody new is let in for want of a resource.", "resource"),
		used: desc("overload_used_ratio",
			"Part of a resource that is in use: of the time from tick to tick, on average, and of the memory; 0 is unlimited.",
			"resource"),
		crowds: desc("crowds", "Cells that are crowded now: of them less is told than all, by the viewers' dialect.", "dialect"),
		crowdShare: desc("crowd_budget_ratio",
			"Part of their budget that crowds are given: 1, or less while that makes too long ticks shorter.", "dialect"),
		crowdBound: desc("crowd_bound_seconds",
			"Time within which everybody in a crowd is told of now who is not where its viewers think, in seconds.", "dialect"),
		crowdBytes: desc("crowd_bytes_total",
			"Bytes of frames that told of crowds: far, of some to all who see one, and near, of all to who is near.",
			"dialect", "lane"),
	}
}

// Describe sends the descriptions.
func (s *snapshots) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		s.sessions, s.opened, s.closed, s.lags, s.logins, s.resumed, s.detached, s.messagesRefused, s.connectionsRefused,
		s.messages, s.received, s.sent, s.frames, s.missed, s.composed, s.updates, s.players, s.entities, s.lastTick, s.tickRate,
		s.busy, s.overloaded, s.used, s.crowds, s.crowdShare, s.crowdBound, s.crowdBytes,
	} {
		to <- d
	}
	s.state.describe(to)
}

// Collect sends the values.
func (s *snapshots) Collect(to chan<- prometheus.Metric) {
	counts := s.from.Sessions()
	s.collectSessions(to, counts)
	for _, c := range []struct {
		desc  *prometheus.Desc
		value uint64
	}{
		{s.lags, counts.Lagged},
		{s.resumed, counts.Resumed},
		{s.busy, counts.Busy},
		{s.messages, counts.Messages},
		{s.received, counts.BytesReceived},
		{s.sent, counts.BytesSent},
		{s.frames, counts.Frames},
		{s.missed, counts.Missed},
		{s.composed, counts.Composed},
		{s.updates, counts.Updates},
	} {
		counter(to, c.desc, c.value)
	}
	gauge(to, s.detached, float64(counts.Detached))
	for login, n := range counts.Logins {
		counter(to, s.logins, n, player.Login(login).String())
	}
	for reason, n := range counts.Refused {
		counter(to, s.messagesRefused, n, player.Refusal(reason).String())
	}
	if s.from.Refused != nil {
		for reason, n := range s.from.Refused() {
			counter(to, s.connectionsRefused, n, reason)
		}
	}
	for _, w := range s.from.Worlds() {
		gauge(to, s.players, float64(w.Players), w.World)
		gauge(to, s.entities, float64(w.Entities), w.World)
		gauge(to, s.lastTick, float64(w.Tick), w.World)
		gauge(to, s.tickRate, w.Rate, w.World)
	}
	for d, c := range counts.Crowds {
		dialect := player.Dialect(d).String()
		gauge(to, s.crowds, float64(c.Crowded), dialect)
		gauge(to, s.crowdShare, c.Share, dialect)
		gauge(to, s.crowdBound, c.Bound.Seconds(), dialect)
		counter(to, s.crowdBytes, c.FarBytes, dialect, "far")
		counter(to, s.crowdBytes, c.NearBytes, dialect, "near")
	}
	if s.from.Overload != nil {
		s.collectOverload(to, s.from.Overload)
	}
	s.state.collect(to, s.from)
}

// collectOverload sends what there is too little of.
func (s *snapshots) collectOverload(to chan<- prometheus.Metric, from *overload.Monitor) {
	for r := range overload.Resources {
		gauge(to, s.overloaded, one(from.Short(r)), r.String())
		gauge(to, s.used, from.Used(r), r.String())
	}
}

// collectSessions sends what there is by dialect and transport.
func (s *snapshots) collectSessions(to chan<- prometheus.Metric, counts *player.Snapshot) {
	for d := range counts.Speaking {
		speaking, dialect := &counts.Speaking[d], player.Dialect(d).String()
		for t, opened := range speaking.Opened {
			transport := player.Transport(t).String()
			counter(to, s.opened, opened, dialect, transport)
			for state := range player.States {
				gauge(to, s.sessions, float64(speaking.Sessions[state][t]), dialect, state.String(), transport)
			}
			for reason := player.Open + 1; reason < player.CloseReasons; reason++ {
				counter(to, s.closed, speaking.Closed[reason][t], reason.Label(), dialect, transport)
			}
		}
	}
}

// counter sends a counter's value.
func counter(to chan<- prometheus.Metric, desc *prometheus.Desc, value uint64, labels ...string) {
	to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
}

// gauge sends a gauge's value.
func gauge(to chan<- prometheus.Metric, desc *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}
