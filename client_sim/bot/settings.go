package bot

import "time"

// Settings is how a run was configured, so that a report can be told from another and the run be repeated. Durations are
// in seconds.
type Settings struct {
	Sources            []string  `json:"sources,omitempty"`
	TickRateHz         float64   `json:"tickRateHz"`
	MinX               float64   `json:"minX"` // to ViewRadius: the server's geometry, as in World
	MaxX               float64   `json:"maxX"`
	MinZ               float64   `json:"minZ"`
	MaxZ               float64   `json:"maxZ"`
	Columns            int       `json:"columns"`
	Rows               int       `json:"rows"`
	ViewRadius         int       `json:"viewRadius"`     // in each direction
	Home               string    `json:"home,omitempty"` // empty in reports that are older than it
	Area               []float64 `json:"area,omitempty"` // minX, maxX, minZ, maxZ of where bots live; empty is the world
	Hotspot            []float64 `json:"hotspot,omitempty"`
	HotspotRadius      float64   `json:"hotspotRadius"` // world units
	RampSeconds        float64   `json:"rampSeconds"`
	Verify             bool      `json:"verify"`
	RoundSeconds       float64   `json:"roundSeconds"`
	SettleSeconds      float64   `json:"settleSeconds"`
	Cuts               int       `json:"cuts,omitempty"`    // bots a round
	Stalls             int       `json:"stalls,omitempty"`  // bots a round
	Regrids            int       `json:"regrids,omitempty"` // a round
	ConnectsPerSecond  float64   `json:"connectsPerSecond"`
	JoinTimeoutSeconds float64   `json:"joinTimeoutSeconds"`
	// Goals is what the run had to reach.
	Goals GoalSettings `json:"goals"`
	// Phases is what was to be played; a run without a scenario has one.
	Phases []PhaseSettings `json:"phases"`
}

// GoalSettings is what a run had to reach: see Goals.
type GoalSettings struct {
	MaxP99Millis     float64 `json:"maxP99Millis"` // 0 is any
	MinDeliveredPart float64 `json:"minDeliveredPart"`
	MaxViolations    int64   `json:"maxViolations"`
}

// PhaseSettings is how a phase was configured: see Phase.
type PhaseSettings struct {
	Name           string  `json:"name"`
	Seconds        float64 `json:"seconds"`
	Bots           int     `json:"bots"`
	OverSeconds    float64 `json:"overSeconds"`
	Motion         string  `json:"motion"`
	MovesPerSecond float64 `json:"movesPerSecond"` // of a bot
	StepUnits      float64 `json:"stepUnits"`
	Churn          int     `json:"churn"` // bots a round
	ThinkSeconds   float64 `json:"thinkSeconds"`
	ChatShare      float64 `json:"chatShare"`
	ChatsPerSecond float64 `json:"chatsPerSecond"` // of a bot that chats
}

// settings returns what a report says of a configuration.
func (c *Config) settings() *Settings {
	s := &Settings{
		Sources: c.Sources, TickRateHz: c.TickRate,
		MinX: c.World.MinX, MaxX: c.World.MaxX, MinZ: c.World.MinZ, MaxZ: c.World.MaxZ,
		Home: c.Home, Columns: c.World.Columns, Rows: c.World.Rows, ViewRadius: c.World.Radius,
		Area: c.Area, Hotspot: c.Hotspot, HotspotRadius: c.Radius, RampSeconds: c.Ramp.Seconds(),
		Verify: c.Verify, RoundSeconds: c.Round.Seconds(), SettleSeconds: c.settle().Seconds(), Cuts: c.Cuts, Stalls: c.Stalls,
		Regrids:           c.Regrids,
		ConnectsPerSecond: c.ConnectRate, JoinTimeoutSeconds: c.JoinTimeout.Seconds(),
		Goals: GoalSettings{
			MaxP99Millis:     float64(c.Goals.MaxP99) / float64(time.Millisecond),
			MinDeliveredPart: c.Goals.MinDelivered, MaxViolations: c.Goals.MaxViolations,
		},
	}
	for _, p := range c.phases() {
		s.Phases = append(s.Phases, PhaseSettings{
			Name: p.Name, Seconds: p.Duration.Seconds(), Bots: p.Bots, OverSeconds: p.Over.Seconds(), Motion: p.Motion,
			MovesPerSecond: p.Rate, StepUnits: p.Step, Churn: p.Churn, ThinkSeconds: p.Think.Seconds(),
			ChatShare: p.ChatShare, ChatsPerSecond: p.ChatRate,
		})
	}
	return s
}
