//go:build !linux

package poll

import (
	"context"
	"net"
	"time"
)

// Poller takes over no connections: there is no polling here.
type Poller struct{}

// New returns a poller.
func New(int) (*Poller, error) { return &Poller{}, nil }

// Adopt returns the connection as it is.
func (*Poller) Adopt(conn net.Conn) net.Conn { return conn }

// Poll has nothing to read.
func (*Poller) Poll() {}

// Gather has nothing to read.
func (*Poller) Gather(time.Time) {}

// Watch reports that there is nothing to read, ever.
func (*Poller) Watch(func()) (readable bool) { return false }

// Run waits until ctx ends.
func (*Poller) Run(ctx context.Context) { <-ctx.Done() }

// Close does nothing.
func (*Poller) Close() error { return nil }

// Alarm is a timer of the runtime's.
type Alarm struct{ timer *time.Timer }

// NewAlarm returns an alarm that is not set.
func NewAlarm() (*Alarm, error) {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &Alarm{timer}, nil
}

// Set has it go off at a time, instead of at any before. Anybody may call it.
func (a *Alarm) Set(at time.Time) { a.timer.Reset(time.Until(at)) }

// Wait returns when it has gone off.
func (a *Alarm) Wait() { <-a.timer.C }

// Close does nothing.
func (*Alarm) Close() error { return nil }
