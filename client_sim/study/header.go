package study

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"aoiworld/client_sim/bot"
	"aoiworld/client_sim/operator"
	"aoiworld/client_sim/page"
)

// Header is what a study says of itself: when, where, with what, and by which versions.
type Header struct {
	Began     time.Time `json:"began"`
	Server    string    `json:"server"`
	Transport string    `json:"transport"`
	Dialect   string    `json:"dialect"`
	Motion    string    `json:"motion"`
	// Shared says that the server and the bots run on one machine.
	Shared bool `json:"shared"`
	// Settings is how the runs were configured, but for what the study changed; Machine is where the bots ran.
	Settings *bot.Settings `json:"settings,omitempty"`
	Machine  bot.Machine   `json:"machine"`
	// ServerSettings are those that the server told its operator before anything was changed, if it was asked.
	ServerSettings operator.Settings `json:"serverSettings,omitempty"`
}

// NewHeader returns what a study says of itself by its first run.
func NewHeader(r *bot.Report) Header {
	return Header{
		Began: r.Began, Server: r.Server, Transport: r.Transport, Dialect: r.Dialect, Motion: r.Motion,
		Shared: operator.OnThisMachine(operator.HostOf(r.Server)), Settings: r.Settings, Machine: r.Machine,
	}
}

// About is a line that says what was run.
func (h *Header) About() string {
	return fmt.Sprintf("%s, %s over %s to %s · %s",
		h.Motion, h.Dialect, h.Transport, h.Server, h.Began.UTC().Format(time.RFC1123))
}

// Where is a line that says on what it was run.
func (h *Header) Where() string {
	together := "the bots alone"
	if h.Shared {
		together = "server and bots together"
	}
	m := h.Machine
	return fmt.Sprintf("%s, %d cores, %s on %s %s; client_sim %s, %s", m.CPU, m.Cores, together, m.OS, m.Kernel, m.Version, m.Go)
}

// Read reads what a study, or a run, wrote as JSON: what it says of itself, and its loads.
func Read(name string) (Header, []Load, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return Header{}, nil, err
	}
	var found struct {
		Header
		Loads []Load `json:"loads"`
	}
	if err := json.Unmarshal(b, &found); err != nil {
		return Header{}, nil, fmt.Errorf("%s: %w", name, err)
	}
	if found.Loads != nil {
		return found.Header, found.Loads, nil
	}
	var run bot.Report
	if err := json.Unmarshal(b, &run); err != nil {
		return Header{}, nil, fmt.Errorf("%s: %w", name, err)
	}
	return NewHeader(&run), []Load{NewLoad(&run)}, nil
}

// Rows are the rows of a table that say how a study was configured, and where it was made.
func (h *Header) Rows() (rows []page.Row) {
	add := func(name, format string, values ...any) {
		rows = append(rows, page.Row{Cells: []string{name, fmt.Sprintf(format, values...)}})
	}
	if s := h.Settings; s != nil {
		add("world", "X %g to %g, Z %g to %g, %d × %d cells, view radius %d",
			s.MinX, s.MaxX, s.MinZ, s.MaxZ, s.Columns, s.Rows, s.ViewRadius)
		add("ticks", "%g a second", s.TickRateHz)
		for _, p := range s.Phases {
			add("bots", "%s, %g moves a second each for %g s, churn %d", p.Motion, p.MovesPerSecond, p.Seconds, p.Churn)
		}
		add("verified", "%v", s.Verify)
	}
	if h.ServerSettings != nil {
		add("server's settings", "%s", h.ServerSettings)
	}
	add("where", "%s", h.Where())
	return rows
}
