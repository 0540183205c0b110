//go:build !linux

package thread

import "time"

// Processor would give Go's scheduler one processor more, which is of use only where naps keep one.
func Processor() (giveBack func()) { return func() {} }

// Sleep sleeps.
func Sleep(d time.Duration) { time.Sleep(d) }

// Nap sleeps.
func Nap(d time.Duration) { time.Sleep(d) }

// Urgent would have a goroutine served before others, and knows no way to.
type Urgent struct{}

// Follow does nothing.
func (*Urgent) Follow() {}

// Relax does nothing.
func (*Urgent) Relax() {}
