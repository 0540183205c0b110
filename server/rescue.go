package server

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"aoiworld/world"
)

// rescue writes down how a world was that is broken, as long as it was good: what world.Restore reads. It returns why the world
// has ended, if it did so by itself.
func (s *Server) rescue(ended error) error {
	var broken *world.BrokenError
	if !errors.As(ended, &broken) {
		return ended
	}
	if broken.State == nil {
		s.log.Error("nothing is kept of the broken world", "incident", broken.Incident)
		return ended
	}
	file, err := s.writeState(broken)
	if err != nil {
		s.log.Error("the broken world cannot be kept", "incident", broken.Incident, "error", err)
		return errors.Join(ended, err)
	}
	s.log.Error("the broken world is kept as it last was good",
		"incident", broken.Incident, "tick", broken.GoodTick, "file", file)
	return ended
}

// writeState writes a world's last good state into a new file, which only its owner can read: there are names in it.
func (s *Server) writeState(broken *world.BrokenError) (name string, err error) {
	name = fmt.Sprintf("aoiworld-%s-%s-tick%d.state", broken.World, broken.Incident, broken.GoodTick)
	name = filepath.Join(cmp.Or(s.cfg.World.RescueDirectory, os.TempDir()), name)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.Write(broken.State)
	return name, errors.Join(err, file.Sync(), file.Close())
}
