package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"aoiworld/bench/side"
)

// Names of the server's metrics of what can leak.
const (
	goroutines  = "go_goroutines"
	descriptors = "process_open_fds"
	internal    = closedTotal + "4003"
)

// beset starts the clients that are to send malformed frames.
func (r *run) beset(ctx context.Context) (*process, error) {
	t := r.contender.traffic
	return start(ctx, r.self, "hostile",
		"--classic", r.addresses[side.KeyPlayers], "--native", r.addresses["net.tcp.native.address"],
		"--websocket", r.addresses["net.ws.address"], "--frames", strconv.Itoa(t.Malformed), "--over", r.length.String(),
		"--square", strconv.Itoa(t.Columns*cellUnits), "--decent="+strconv.FormatBool(t.Decent))
}

// sendTime is how much longer than they are to such clients may take to send everything.
const sendTime = 2 * time.Minute

// sendings is what such clients say that they have sent.
type sendings struct {
	Msg                                         string
	Frames, Bytes, Connections, Failed, Unended int
}

// aftermath waits until they have sent everything and left, and says what that was and what is left of it in the server: there
// must be no goroutine and no descriptor more than before anybody came.
func (r *run) aftermath(ctx context.Context, before sample, hostile *process) (notes []string, err error) {
	var sent sendings
	err = hostile.await(ctx, sendTime, func(line string) bool {
		return json.Unmarshal([]byte(line), &sent) == nil && sent.Msg == "sent"
	})
	if err != nil {
		return nil, err
	}
	if err := hostile.stop(); err != nil {
		return nil, err
	}
	notes = append(notes, fmt.Sprintf(
		"%d frames, %d bytes, over %d connections; %d came to nothing, %d did not end as they should",
		sent.Frames, sent.Bytes, sent.Connections, sent.Failed, sent.Unended))
	left, err := r.leftBehind(ctx, before)
	if err != nil {
		return nil, err
	}
	return append(notes, fmt.Sprintf("afterwards: %+.0f goroutines, %+.0f descriptors, %.0f sessions ended as INTERNAL",
		left[goroutines], left[descriptors], left[internal])), nil
}

// leftBehind returns how much more the server has than before, once that is nothing, or does not become less.
func (r *run) leftBehind(ctx context.Context, before sample) (left metrics, err error) {
	const patience = 20 * time.Second
	for deadline := time.Now().Add(patience); ; {
		now, err := scrape(ctx, r.addresses[side.KeyMetrics])
		if err != nil {
			return nil, err
		}
		left = metrics{}
		for _, name := range []string{goroutines, descriptors, internal} {
			left[name] = now[name] - before.metrics[name]
		}
		if left[goroutines] <= 0 && left[descriptors] <= 0 || time.Now().After(deadline) {
			return left, nil
		}
		if err := waitUntil(ctx, time.Now().Add(time.Second/4)); err != nil {
			return nil, err
		}
	}
}
