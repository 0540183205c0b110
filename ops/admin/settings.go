package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// settings answers with the settings that can change while the server runs.
func (a *api) settings(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"settings": a.cfg.Settings()})
}

// amend changes settings, all that it names or none.
func (a *api) amend(w http.ResponseWriter, r *http.Request) {
	var asked map[string]json.RawMessage
	err := read(r, &asked)
	var sets, changed []string
	if err == nil {
		sets, err = assignments(asked)
	}
	if err == nil {
		if changed, err = a.cfg.Amend(sets); err != nil {
			err = problem{http.StatusBadRequest, "invalid", err.Error()}
		}
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if changed == nil {
		changed = []string{}
	}
	a.cfg.Log.Info("settings changed", "by", by(r), "keys", changed, "to", sets)
	answer(w, http.StatusOK, map[string]any{"changed": changed, "settings": a.cfg.Settings()})
}

// assignments returns values as key=value, by ascending key. The error is a problem.
func assignments(asked map[string]json.RawMessage) (sets []string, err error) {
	for _, key := range slices.Sorted(maps.Keys(asked)) {
		var value any
		d := json.NewDecoder(strings.NewReader(string(asked[key])))
		d.UseNumber()
		if err := d.Decode(&value); err != nil {
			return nil, problem{http.StatusBadRequest, "invalid", key + ": " + err.Error()}
		}
		switch value.(type) {
		case string, bool, json.Number:
		default:
			text := fmt.Sprintf("%q: want a text, a number, true or false", cut(key))
			return nil, problem{http.StatusBadRequest, "invalid", text}
		}
		sets = append(sets, fmt.Sprintf("%s=%v", key, value))
	}
	return sets, nil
}
