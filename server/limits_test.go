package server

import (
	"reflect"
	"testing"

	"aoiworld/conf"
)

// TestLimitsReachWhoKeepsThem: each limit that can be configured is handed to whoever holds clients to it, and no other in its
// place. That they are held to it is tested where that is done; a limit without a row here is one that nobody keeps.
func TestLimitsReachWhoKeepsThem(t *testing.T) {
	var c conf.Limits
	distinct := reflect.ValueOf(&c).Elem()
	for i := range distinct.NumField() { // a value of its own for each
		switch f := distinct.Field(i); f.Kind() {
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(1000 + i))
		case reflect.Float64:
			f.SetFloat(float64(1000 + i))
		case reflect.Bool:
			f.SetBool(true)
		}
	}
	cfg := conf.Default()
	cfg.Limits = c
	p, g, told, plain := playerLimits(c), gateConfig(c), nativeConfig(&cfg).Limits, (&Server{cfg: cfg}).tcpConfig()
	busy := overloadConfig(&cfg)
	kept := map[string][2]any{
		"max_payload":                 {[2]int{int(told.MaxPayload), plain.MaxPayload}, twice(c.MaxPayload)},
		"connections":                 {[2]int{p.MaxSessions, g.MaxConnections}, twice(c.Connections)},
		"connections_per_ip":          {g.MaxPerAddress, c.ConnectionsPerIP},
		"new_connections_per_ip":      {g.NewPerSecond, c.NewConnectionsPerIP},
		"exempt_loopback":             {g.LimitLoopback, !c.ExemptLoopback},
		"bytes_per_second":            {[2]int{int(told.BytesPerSecond), plain.Budget.BytesPerSecond}, twice(c.BytesPerSecond)},
		"byte_burst":                  {plain.Budget.Burst, c.ByteBurst},
		"messages_per_second":         {p.MessageRate, c.MessagesPerSecond},
		"message_burst":               {p.MessageBurst, c.MessageBurst},
		"gestures_per_second":         {p.GestureRate, c.GesturesPerSecond},
		"gesture_burst":               {p.GestureBurst, c.GestureBurst},
		"pings_per_second":            {p.PingRate, c.PingsPerSecond},
		"ping_burst":                  {p.PingBurst, c.PingBurst},
		"frame_timeout":               {p.FrameTimeout, c.FrameTimeout},
		"hello_timeout":               {p.HelloTimeout, c.HelloTimeout},
		"ping_interval":               {p.PingInterval, c.PingInterval},
		"dead_after":                  {p.DeadAfter, c.DeadAfter},
		"idle_timeout":                {p.IdleTimeout, c.IdleTimeout},
		"slow_consumer":               {p.SlowConsumer, c.SlowConsumer},
		"max_pending":                 {p.MaxPending, c.MaxPending},
		"chat_per_second":             {[2]float64{told.ChatsPerSecond, p.ChatRate}, twice(c.ChatPerSecond)},
		"chat_burst":                  {p.ChatBurst, c.ChatBurst},
		"chat_max_bytes":              {[2]int{int(told.ChatBytes), p.ChatBytes}, twice(c.ChatMaxBytes)},
		"unknown_messages_per_minute": {p.UnknownPerMinute, c.UnknownPerMinute},
		"malformed_per_minute":        {p.MalformedPerMinute, c.MalformedPerMinute},
		"bad_positions_per_minute":    {p.BadPositionsPerMinute, c.BadPositionsPerMinute},
		"rejected_moves_per_minute":   {p.TooFastPerMinute, c.RejectedMovesPerMinute},
		"overload_tick_share":         {busy.TickShare, c.OverloadTickShare},
		"overload_memory":             {busy.Memory, uint64(c.OverloadMemory)},
		"shutdown_timeout":            {c.ShutdownTimeout, c.ShutdownTimeout}, // TestDrainCutsWhoStays holds Run to it
	}
	for i := range distinct.NumField() {
		key := distinct.Type().Field(i).Tag.Get("key")
		switch row, ok := kept[key]; {
		case !ok:
			t.Errorf("limits.%s has no row: who keeps it?", key)
		case row[0] != row[1]:
			t.Errorf("limits.%s: kept is %v, configured %v", key, row[0], row[1])
		}
	}
}

// twice is what both are to have to whom a limit is handed.
func twice[T any](v T) [2]T { return [2]T{v, v} }
