package wire_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"aoiworld/net/wire"
)

// TestSocketOptions asks the kernel what it was told. It doubles buffer sizes, for its own records.
func TestSocketOptions(t *testing.T) {
	options := wire.DefaultSocketOptions()
	options.SendBuffer, options.ReceiveBuffer = 48<<10, 40<<10 // not what they are anyway
	if patience := options.KeepAliveIdle + time.Duration(options.KeepAliveCount)*options.KeepAliveInterval; options.UserTimeout < patience {
		t.Errorf("a silent connection has %v to answer, and is ended after %v", patience, options.UserTimeout)
	}
	_, server := sockets(t, options)
	raw, err := server.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for name, option := range map[string]struct{ level, option, want int }{
		"SO_SNDBUF":        {unix.SOL_SOCKET, unix.SO_SNDBUF, 2 * 48 << 10},
		"SO_RCVBUF":        {unix.SOL_SOCKET, unix.SO_RCVBUF, 2 * 40 << 10},
		"TCP_NODELAY":      {unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
		"SO_KEEPALIVE":     {unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		"TCP_KEEPIDLE":     {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 15},
		"TCP_KEEPINTVL":    {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 8},
		"TCP_KEEPCNT":      {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
		"TCP_USER_TIMEOUT": {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 40_000},
	} {
		got, failed := 0, error(nil)
		if err := raw.Control(func(fd uintptr) { got, failed = unix.GetsockoptInt(int(fd), option.level, option.option) }); err != nil {
			t.Fatal(err)
		}
		if failed != nil || got != option.want {
			t.Errorf("%s is %d, want %d (%v)", name, got, option.want, failed)
		}
	}
}
