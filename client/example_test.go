package client_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"aoiworld/client"
	"aoiworld/conf"
	"aoiworld/server"
)

// Ann and Bob meet: Bob sees Ann walk.
func Example() {
	cfg := conf.Default()
	cfg.Net.TCP.Classic.Address, cfg.Net.WS.Address, cfg.Ops.Address = "", "", ""
	cfg.Net.TCP.Native.Address = "127.0.0.1:0"
	s, err := server.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), server.Extension{})
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		_ = s.Run(ctx)
		close(done)
	}()
	<-s.Ready()
	address := s.Addresses()[conf.NativeAddress].String()

	seen := make(chan client.Event, 100)
	bob, err := client.Dial(ctx, client.Config{Server: address, Name: "Bob", Events: func(e client.Event) { seen <- e }})
	if err != nil {
		panic(err)
	}
	ann, err := client.Dial(ctx, client.Config{Server: address, Name: "Ann"})
	if err != nil {
		panic(err)
	}
	here := bob.Here()
	if err := ann.Move(client.Position{X: here.X, Z: here.Z, Heading: 90}); err != nil {
		panic(err)
	}
	for e := range seen {
		if e.Kind == client.Moved && e.Entity.Name == "Ann" {
			fmt.Println("Ann is where Bob is:", bob.Position(e.Entity.At).X == here.X)
			break
		}
	}
	ann.Close()
	bob.Close()
	stop()
	<-done
	// Output: Ann is where Bob is: true
}
