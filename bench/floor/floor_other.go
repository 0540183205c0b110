//go:build !linux

package floor

import (
	"context"
	"net"

	"aoiworld/bench/side"
)

// Floor is a server that listens; not on this system.
type Floor struct{}

// Listen returns ErrSystem.
func Listen(Config, *side.Counters) (*Floor, error) { return nil, ErrSystem }

// Addr returns nothing.
func (*Floor) Addr() net.Addr { return nil }

// Run returns ErrSystem.
func (*Floor) Run(context.Context) error { return ErrSystem }
