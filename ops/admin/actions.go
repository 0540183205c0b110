package admin

import (
	"net/http"
	"time"

	"aoiworld/moderation"
)

// maxSeconds is how far off an end may be: a hundred years (seconds).
const maxSeconds = 100 * 365 * 24 * 60 * 60

// subject is whom something is about.
type subject struct {
	Kind    moderation.Kind `json:"kind"`
	Subject string          `json:"subject"`
}

// parse returns whom it is about. The error is a problem.
func (s subject) parse() (moderation.Subject, error) {
	who, err := moderation.ParseSubject(s.Kind, s.Subject)
	if err != nil {
		return who, problem{http.StatusBadRequest, "invalid", err.Error()}
	}
	return who, nil
}

// sanction is a ban or a mute as it is told of.
type sanction struct {
	ID string `json:"id"`
	subject
	Until   *time.Time `json:"until"`
	Reason  string     `json:"reason"`
	By      string     `json:"by"`
	Created time.Time  `json:"created"`
}

// sanctionOf returns a ban or a mute as it is told of.
func sanctionOf(s moderation.Sanction) sanction {
	told := sanction{
		ID: s.ID, subject: subject{s.Subject.Kind(), s.Subject.Text()}, Reason: s.Reason, By: s.By, Created: s.Created.UTC(),
	}
	if !s.Until.IsZero() {
		until := s.Until.UTC()
		told.Until = &until
	}
	return told
}

// kick removes somebody.
func (a *api) kick(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		subject
		Reason string `json:"reason"`
	}
	err := read(r, &asked)
	var who moderation.Subject
	if err == nil {
		who, err = asked.parse()
	}
	sessions := 0
	if err == nil {
		sessions, err = a.cfg.Moderator.Kick(by(r), who, asked.Reason)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]int{"sessions": sessions})
}

// list answers with the bans, or the mutes.
func list(what moderation.Measure) func(*api, http.ResponseWriter, *http.Request) {
	return func(a *api, w http.ResponseWriter, _ *http.Request) {
		all := []sanction{}
		for _, s := range a.cfg.Moderator.Sanctions(what) {
			all = append(all, sanctionOf(s))
		}
		answer(w, http.StatusOK, map[string][]sanction{"sanctions": all})
	}
}

// impose bans or mutes somebody.
func impose(what moderation.Measure) func(*api, http.ResponseWriter, *http.Request) {
	type imposed struct {
		sanction
		Sessions int `json:"sessions"`
	}
	return func(a *api, w http.ResponseWriter, r *http.Request) {
		var asked struct {
			subject
			Until   *time.Time `json:"until"`
			Seconds *int64     `json:"seconds"`
			Reason  string     `json:"reason"`
		}
		err := read(r, &asked)
		var who moderation.Subject
		if err == nil {
			who, err = asked.parse()
		}
		var until time.Time
		if err == nil {
			until, err = end(asked.Until, asked.Seconds, time.Now())
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		s, sessions, err := a.cfg.Moderator.Sanction(by(r), what, who, until, asked.Reason)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		answer(w, http.StatusCreated, imposed{sanctionOf(s), sessions})
	}
}

// end returns when something ends that is asked for until a time, or for some seconds; zero is never. The error is a problem.
func end(until *time.Time, seconds *int64, now time.Time) (time.Time, error) {
	switch {
	case until != nil && seconds != nil:
		return time.Time{}, problem{http.StatusBadRequest, "invalid", "want until or seconds, and not both"}
	case seconds != nil && (*seconds < 1 || *seconds > maxSeconds),
		until != nil && (!until.After(now) || until.After(now.Add(maxSeconds*time.Second))):
		return time.Time{}, problem{http.StatusBadRequest, "invalid", "want an end within the next hundred years, or none"}
	case seconds != nil:
		return now.Add(time.Duration(*seconds) * time.Second), nil
	case until != nil:
		return *until, nil
	}
	return time.Time{}, nil
}

// lift ends a ban, or a mute.
func lift(what moderation.Measure) func(*api, http.ResponseWriter, *http.Request) {
	return func(a *api, w http.ResponseWriter, r *http.Request) {
		s, err := a.cfg.Moderator.Lift(by(r), what, r.PathValue("id"))
		if err != nil {
			a.fail(w, r, err)
			return
		}
		answer(w, http.StatusOK, sanctionOf(s))
	}
}

// announce says something to everybody.
func (a *api) announce(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Text string `json:"text"`
	}
	err := read(r, &asked)
	sessions := 0
	if err == nil {
		sessions, err = a.cfg.Moderator.Announce(by(r), asked.Text)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]int{"sessions": sessions})
}

// drain has the server stop in good order.
func (a *api) drain(w http.ResponseWriter, r *http.Request) {
	sessions := a.cfg.Status().Sessions
	a.cfg.Log.Info("moderation", "action", "drain", "by", by(r), "sessions", sessions)
	answer(w, http.StatusAccepted, map[string]int64{"sessions": sessions})
	a.cfg.Drain()
}
