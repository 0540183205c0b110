// Package operator asks a server's operation port to change settings while it runs, with the operator's token.
package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// Keys of settings that studies change.
const (
	Columns  = "world.columns"
	Rows     = "world.rows"
	TickRate = "world.tick_rate" // Hz
	// ViewRadius is only read.
	ViewRadius = "world.view_radius"
)

// ErrRefused is wrapped by every error that tells of what the server answered.
var ErrRefused = errors.New("the server refused")

// ErrAddress is wrapped by every error that tells of an address at which no operator is asked.
var ErrAddress = errors.New("no operator can be asked")

const (
	// settingsPath is where settings are read and changed.
	settingsPath = "/admin/v1/settings"
	// patience is how long an answer may take.
	patience = 5 * time.Second
	// maxAnswer is how much of one is read, in bytes.
	maxAnswer = 1 << 20
)

// Operator is a server's operation port, and who may use it. Safe for everybody.
type Operator struct {
	base      string
	tokenFile string
	client    http.Client
}

// Settings are values by the keys of the server's configuration: those that can change while it runs.
type Settings map[string]any

// New returns the operator at host:port or a URL, whose token is in a file. It travels in the clear only on this machine: to
// another one the address must be https. The error wraps ErrAddress.
func New(address, tokenFile string) (*Operator, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	case u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%w: %q is no host:port, http:// or https:// URL", ErrAddress, address)
	case u.Scheme == "http" && !OnThisMachine(u.Hostname()):
		return nil, fmt.Errorf("%w: %s would be sent the token in the clear; use https, or a tunnel to this machine",
			ErrAddress, u.Host)
	case tokenFile == "":
		return nil, fmt.Errorf("%w: no file with the token for %s, want --admin-token-file", ErrAddress, u.Host)
	}
	o := &Operator{base: u.Scheme + "://" + u.Host, tokenFile: tokenFile}
	o.client.Timeout = patience
	o.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the token stays here
	return o, nil
}

// Settings returns the settings as they are.
func (o *Operator) Settings(ctx context.Context) (Settings, error) {
	return o.do(ctx, http.MethodGet, nil)
}

// Change changes settings and returns all as they are then. Those that the server refuses are all left as they were.
func (o *Operator) Change(ctx context.Context, to Settings) (Settings, error) {
	body, err := json.Marshal(to)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return o.do(ctx, http.MethodPost, body)
}

// Regrid has the world cut into other cells.
func (o *Operator) Regrid(ctx context.Context, columns, rows int) error {
	_, err := o.Change(ctx, Settings{Columns: columns, Rows: rows})
	return err
}

// do asks, and returns the settings that are answered.
func (o *Operator) do(ctx context.Context, method string, body []byte) (Settings, error) {
	request, err := http.NewRequestWithContext(ctx, method, o.base+settingsPath, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	token, err := os.ReadFile(o.tokenFile)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	defer response.Body.Close()
	return read(response)
}

// read returns the settings of an answer, or why there are none.
func read(response *http.Response) (Settings, error) {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	var answer struct {
		Settings Settings `json:"settings"`
		Error    struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	err = json.Unmarshal(text, &answer)
	switch {
	case response.StatusCode != http.StatusOK && answer.Error.Message != "":
		return nil, fmt.Errorf("%w: %s: %s", ErrRefused, answer.Error.Code, answer.Error.Message)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: %s", ErrRefused, response.Status)
	case err != nil:
		return nil, fmt.Errorf("settings: %w", err)
	case len(answer.Settings) == 0:
		return nil, fmt.Errorf("%w: it told no settings", ErrRefused)
	}
	return answer.Settings, nil
}

// Number returns a setting that is a number; false where it is none.
func (s Settings) Number(key string) (value float64, is bool) {
	value, is = s[key].(float64)
	return value, is
}

// Only returns the settings of some keys.
func (s Settings) Only(keys ...string) Settings {
	some := Settings{}
	for _, key := range keys {
		if value, has := s[key]; has {
			some[key] = value
		}
	}
	return some
}

// String is the settings in a line, as --set takes them.
func (s Settings) String() string {
	parts := make([]string, 0, len(s))
	for _, key := range slices.Sorted(maps.Keys(s)) {
		parts = append(parts, fmt.Sprintf("%s=%v", key, s[key]))
	}
	return strings.Join(parts, " ")
}
