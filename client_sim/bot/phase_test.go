package bot

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aoiworld/net/classic"
)

// TestPhases: the bots come, gather, go, and are shown the truth all the while; each phase has its report.
func TestPhases(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		cfg := small(s)
		base := Phase{Duration: 400 * time.Millisecond, Bots: 20, Motion: Patrol, Rate: 20}
		gather, leave, crowd := base, base, base
		gather.Name, gather.Bots, gather.Over = "gather", 40, 300*time.Millisecond
		crowd.Name, crowd.Bots, crowd.Motion, crowd.Step, crowd.Churn = "crowd", 40, Hotspot, 30, 4
		leave.Name, leave.Bots, leave.Over, leave.Rate = "leave", 10, 300*time.Millisecond, 50
		base.Name = "begin"
		cfg.Phases = []Phase{base, gather, crowd, leave}
		report := s.play(t, cfg)
		if !report.Good() || report.Joined != 10 || report.Bots != 10 || report.Checks != 9 || report.Motion != "patrol, hotspot" {
			t.Errorf("%s%d checks", text(report), report.Checks)
		}
		if len(report.Phases) != 4 {
			t.Fatalf("%d phases are reported", len(report.Phases))
		}
		for i, want := range []struct {
			name  string
			bots  int
			moves float64 // a second
		}{{"begin", 20, 400}, {"gather", 40, 600}, {"crowd", 40, 800}, {"leave", 10, 1250}} {
			p := report.Phases[i]
			if p.Name != want.name || p.Bots != want.bots || math.Abs(p.MovesPerSecond-want.moves) > want.moves/2 {
				t.Errorf("phase %d: %s with %d bots and %.0f moves/s, want %+v", i, p.Name, p.Bots, p.MovesPerSecond, want)
			}
			if p.LatencyMillis.Count == 0 || p.DeliveredPart == 0 || p.UpdatesPerSecond == 0 {
				t.Errorf("phase %s: nothing was measured: %+v", p.Name, p)
			}
		}
		if report.Phases[2].Audience < 2*report.Phases[0].Audience {
			t.Errorf("a crowd of audience %v after %v", report.Phases[2].Audience, report.Phases[0].Audience)
		}
	})
}

// TestARamp: the load counts from when all are there, and not before.
func TestARamp(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		cfg := small(s)
		cfg.Ramp, cfg.Verify = 1500*time.Millisecond, false
		cfg.Churn = 0
		var early, moved bool
		cfg.OnStatus = func(status Status) {
			early = early || status.Phase == "ramping" && status.Connected < cfg.Bots
			moved = moved || status.Phase == "ramping" && status.MovesPerSecond > 0
		}
		report := s.play(t, cfg)
		if !report.Good() || report.Joined != cfg.Bots || !early || !moved {
			t.Errorf("seen on the way %v, moving %v:\n%s", early, moved, text(report))
		}
		if want := float64(cfg.Bots) * cfg.Rate; math.Abs(report.MovesPerSecond-want) > want/5 || report.Seconds > 0.6 {
			t.Errorf("%.0f moves/s in %.1f s, want %.0f in 0.4 s", report.MovesPerSecond, report.Seconds, want)
		}
	})
}

// TestThinkersRest: half of the time, on average, in pauses of the mean length.
func TestThinkersRest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	resting, pauses := 0, 0
	const bots, seconds = 200, 100
	for range bots {
		p, before := newPauses(2*time.Second), false
		for tenth := range 10 * seconds {
			now := p.thinks(time.Duration(tenth)*100*time.Millisecond, random)
			if now {
				resting++
			}
			if now && !before {
				pauses++
			}
			before = now
		}
	}
	part := float64(resting) / (bots * seconds * 10)
	mean := float64(resting) / 10 / float64(pauses)
	if math.Abs(part-0.5) > 0.05 || math.Abs(mean-2) > 0.3 {
		t.Errorf("they rest %.2f of the time, %.2f s at a time", part, mean)
	}
	if never := newPauses(0); never.thinks(time.Hour, random) {
		t.Error("who never rests rests")
	}
}

func newPauses(mean time.Duration) *pauses { return &pauses{mean: mean} }

// TestThinkersMissTheirTurns: the pacer leaves them out, and that is neither late nor blocked.
func TestThinkersMissTheirTurns(t *testing.T) {
	p := newPaced(1, 100)
	p.bots[0].pauses = pauses{mean: time.Second, resting: true, until: 500 * time.Millisecond}
	for ms := 0; ms < 400; ms++ {
		p.at(time.Duration(ms) * time.Millisecond)
	}
	if got := p.sent()[0]; got != 0 || p.sends.late.Load() != 0 || p.sends.blocked.Load() != 0 {
		t.Errorf("%d moves of a thinker, %d late, %d blocked", got, p.sends.late.Load(), p.sends.blocked.Load())
	}
}

// TestSmallTalk: so many talk as they should, as often as they should, and the report says what was heard.
func TestSmallTalk(t *testing.T) {
	virtually(t, Defaults().World, func(t *testing.T, s *reference) {
		cfg := small(s)
		cfg.ChatShare, cfg.ChatRate, cfg.Churn, cfg.Duration, cfg.Round = 0.5, 10, 0, time.Second, time.Second
		report := s.play(t, cfg)
		if !report.Good() || report.ChatsSaid < 60 || report.ChatsSaid > 130 || report.ChatsPart < 0.9 || report.ChatsPart > 1 {
			t.Errorf("12 bots said %d, of which %.3f were heard:\n%s", report.ChatsSaid, report.ChatsPart, text(report))
		}
		if !strings.Contains(text(report), "small talk") {
			t.Error("the report does not tell of it")
		}
	})
}

// TestNoMoreIsHeardThanWasSaid: a newcomer that the server has let in, and that nobody counts yet, hears what others say.
func TestNoMoreIsHeardThanWasSaid(t *testing.T) {
	f := newTestFleet()
	p := newRounds(f).pacer
	var bots []*bot
	for id := range int32(2) {
		b := f.newBot()
		b.linkTo(&silent{room: -1})
		if err := b.Receive(welcome(id+1, place{100, 0, 100, 0}), 50); err != nil {
			t.Fatal(err)
		}
		bots = append(bots, b)
	}
	for number, newcomer := range bots {
		f.enlist(newcomer)
		p.chat(bots[0])
		text := smallTalkText(int64(number + 1))
		for _, b := range bots {
			if err := b.Receive(appendEvent(nil, classic.Event{Kind: classic.Chat, PID: 1, Text: text}), 50); err != nil {
				t.Fatal(err)
			}
		}
	}
	if sum, _ := f.totals(); p.said != 2 || p.ears != 3 || sum.chats != 3 {
		t.Errorf("%d said, to %d, and %d heard; want 2, to 1 and 2, and all of it heard", p.said, p.ears, sum.chats)
	}
	if talkNumber(smallTalk+"about nothing") != 0 {
		t.Error("a text without a number has one")
	}
}

func TestTheShareThatChats(t *testing.T) {
	cfg := classicDefaults()
	for _, share := range []float64{0, 0.1, 0.5, 1} {
		chatters := 0
		for number := range 1000 {
			b := &bot{number: number + 1, random: rand.New(rand.NewPCG(1, 1))}
			b.perform(&cfg, &Phase{Motion: Walk, Rate: 10, ChatShare: share, ChatRate: 2})
			if b.chatter.every == 500*time.Millisecond {
				chatters++
			}
		}
		if math.Abs(float64(chatters)-1000*share) > 2 {
			t.Errorf("%d of 1000 chat, want %v", chatters, share)
		}
	}
}

func TestImpossiblePhases(t *testing.T) {
	good := Phase{Name: "x", Duration: time.Second, Bots: 1, Motion: Walk, Rate: 10}
	for part, change := range map[string]func(*Phase){
		"motion":       func(p *Phase) { p.Motion = "fly" },
		"bots":         func(p *Phase) { p.Bots = 0 },
		"moves":        func(p *Phase) { p.Rate = 1001 },
		"step":         func(p *Phase) { p.Motion = Hotspot },
		"duration":     func(p *Phase) { p.Duration = 0 },
		"come or go":   func(p *Phase) { p.Over = 2 * time.Second },
		"churn":        func(p *Phase) { p.Churn = 2 },
		"think":        func(p *Phase) { p.Think = -1 },
		"that chats":   func(p *Phase) { p.ChatShare = 1.1 },
		"and chatter":  func(p *Phase) { p.ChatRate = math.NaN() },
		`phase "last"`: func(p *Phase) { p.Name, p.Bots = "last", -1 },
	} {
		cfg, bad := classicDefaults(), good
		change(&bad)
		cfg.Phases = []Phase{good, bad}
		if err := cfg.Check(); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", part, err)
		}
	}
}
