package bot

import (
	"math"
	"math/rand/v2"
	"time"
)

// Phase is a part of a run.
type Phase struct {
	Name string
	// Duration is how long the bots move, > 0.
	Duration time.Duration
	// Bots is how many play in the end, ≥ 1. They come or go evenly over the first Over of the phase, at once when it is 0.
	Bots int
	Over time.Duration
	// Motion, Rate, Step, Churn, Think, ChatShare and ChatRate are as in Config.
	Motion    string
	Rate      float64
	Step      float64
	Churn     int
	Think     time.Duration
	ChatShare float64
	ChatRate  float64
}

// phases returns the parts of a run: those that are given, or the one that the configuration itself describes.
func (c *Config) phases() []Phase {
	if len(c.Phases) > 0 {
		return c.Phases
	}
	return []Phase{{
		Name: "load", Duration: c.Duration, Bots: c.Bots, Motion: c.Motion, Rate: c.Rate, Step: c.Step, Churn: c.Churn,
		Think: c.Think, ChatShare: c.ChatShare, ChatRate: c.ChatRate,
	}}
}

// most returns how many bots there are at most at a time.
func (c *Config) most() (most int) {
	for _, p := range c.phases() {
		most = max(most, p.Bots)
	}
	return most
}

// ramp returns the phase before the first, in which the bots come while those who are there move. It is not measured.
func (c *Config) ramp() Phase {
	p := c.phases()[0]
	p.Name, p.Duration, p.Over, p.Churn = "ramp", c.Ramp, c.Ramp, 0
	return p
}

// Total is how long the bots move in all phases.
func (c *Config) Total() (sum time.Duration) {
	for _, p := range c.phases() {
		sum += p.Duration
	}
	return sum
}

// fastest is the largest rate of all phases, in moves a second and bot.
func (c *Config) fastest() (rate float64) {
	for _, p := range c.phases() {
		rate = max(rate, p.Rate)
	}
	return rate
}

// talkative reports whether bots chat beside moving in any phase.
func (c *Config) talkative() bool {
	for _, p := range c.phases() {
		if p.ChatShare > 0 && p.ChatRate > 0 {
			return true
		}
	}
	return false
}

// hotspot returns where a crowd gathers.
func (c *Config) hotspot() spot {
	w := c.area()
	x, z := (w.MinX+w.MaxX)/2, (w.MinZ+w.MaxZ)/2
	if len(c.Hotspot) == 2 {
		x, z = c.Hotspot[0], c.Hotspot[1]
	}
	nearX, nearZ := w.inside(x, z)
	return spot{nearX, nearZ}
}

// check tells require whatever is impossible about a phase. More than all bots, or longer than the phase, is nothing while the
// number of bots, or the time, is itself impossible.
func (p *Phase) check(require func(bool, string, ...any)) {
	about := func(ok bool, format string, values ...any) {
		if p.Name != "" {
			format, values = "phase %q: "+format, append([]any{p.Name}, values...)
		}
		require(ok, format, values...)
	}
	about(motions[p.Motion], "motion %q is no walk, cross, patrol, hotspot or still", p.Motion)
	about(p.Bots >= 1, "%d bots", p.Bots)
	about(p.Rate > 0 && p.Rate <= 1000, "%v moves a second and bot", p.Rate)
	about(p.Step > 0 || p.Step == 0 && p.Motion != Cross && p.Motion != Hotspot, "step of %v units", p.Step)
	about(p.Duration > 0, "duration %v", p.Duration)
	about(p.Over >= 0 && (p.Over <= p.Duration || p.Duration <= 0), "%v to come or go in %v", p.Over, p.Duration)
	about(p.Churn >= 0 && (p.Churn <= p.Bots || p.Bots < 1), "churn of %d among %d bots", p.Churn, p.Bots)
	about(p.Think >= 0, "think time %v", p.Think)
	about(p.ChatShare >= 0 && p.ChatShare <= 1, "a part of %v that chats", p.ChatShare)
	about(p.ChatRate >= 0 && p.ChatRate <= 100, "%v chats a second and chatter", p.ChatRate)
}

// motions are the names of motions.
var motions = map[string]bool{Walk: true, Cross: true, Still: true, Hotspot: true, Patrol: true}

// perform makes a bot do what a phase says. It is for whoever moves the bot, or before anybody does.
func (b *bot) perform(cfg *Config, p *Phase) {
	b.travel = func(from spot) motion {
		m := newMotion(cfg, p, b.world, from, b.random)
		if b.underway {
			m = onwards(m, b.height)
		}
		return m
	}
	b.motion = b.travel(b.here)
	b.pauses = pauses{mean: p.Think}
	b.chatter = chatter{}
	if among(b.number, p.ChatShare) && p.ChatRate > 0 {
		b.chatter.every = time.Duration(float64(time.Second) / p.ChatRate)
	}
}

// among reports whether a bot is one of a part of them: of any hundred bots, as many are.
func among(number int, part float64) bool {
	const golden = 0.6180339887498949 // spreads numbers evenly
	_, at := math.Modf(float64(number) * golden)
	return at < part
}

// pauses is when a bot stops to think. Times of thought and of moving take turns; both are as long on average.
type pauses struct {
	mean    time.Duration // 0 is never
	resting bool
	until   time.Duration
}

// thinks reports whether a bot does not move at time now.
func (p *pauses) thinks(now time.Duration, random *rand.Rand) bool {
	if p.mean == 0 {
		return false
	}
	if p.until == 0 { // half of them begin with a thought
		p.resting = random.IntN(2) == 0
		p.until = now + p.draw(random)
	}
	for now >= p.until {
		p.resting = !p.resting
		p.until += p.draw(random)
	}
	return p.resting
}

// draw returns a time, exponentially distributed, and not 0.
func (p *pauses) draw(random *rand.Rand) time.Duration {
	return time.Millisecond + time.Duration(random.ExpFloat64()*float64(p.mean))
}

// chatter is what a bot says beside moving.
type chatter struct {
	every time.Duration // 0 is silence
	next  time.Duration
}

// speaks reports whether a bot says something at time now. The first word is at a random time, so that not all speak at once.
func (c *chatter) speaks(now time.Duration, random *rand.Rand) bool {
	switch {
	case c.every == 0:
		return false
	case c.next == 0:
		c.next = now + time.Duration(random.Int64N(int64(c.every))) + 1
		return false
	case now < c.next:
		return false
	}
	c.next = max(c.next+c.every, now) // what it had no time to say it does not say later
	return true
}

// PhaseReport is what a run found in one phase.
type PhaseReport struct {
	Name             string  `json:"name"`
	Seconds          float64 `json:"seconds"` // of moving
	Bots             int     `json:"bots"`    // in the end
	MovesPerSecond   float64 `json:"movesPerSecond"`
	UpdatesPerSecond float64 `json:"updatesPerSecond"`
	BytesPerUpdate   float64 `json:"bytesPerUpdate"`
	Audience         float64 `json:"audience"`
	DeliveredPart    float64 `json:"deliveredPart"`
	LatencyMillis    Latency `json:"latencyMillis"` // two digits exact
}

// finish sums a phase up that began with a measurement.
func (f *fleet) finish(p *Phase, began measurement, moving time.Duration) PhaseReport {
	sum, moves := f.totals()
	sum.add(began.tally, -1)
	seconds := moving.Seconds()
	return PhaseReport{
		Name: p.Name, Seconds: seconds, Bots: f.alive(),
		MovesPerSecond:   ratio(float64(moves-began.moves), seconds),
		UpdatesPerSecond: ratio(float64(sum.updates), seconds),
		BytesPerUpdate:   ratio(float64(sum.bytes), float64(sum.updates)),
		Audience:         ratio(float64(sum.audience), float64(sum.echoes)),
		DeliveredPart:    ratio(float64(sum.delivered), float64(sum.expected)),
		LatencyMillis:    describe(f.drained()),
	}
}
