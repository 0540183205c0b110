package server

import "aoiworld/web"

// assemblePage makes what browsers are shown at /: a game's own page, or the page to play on, unless it is switched off.
func (s *Server) assemblePage() (err error) {
	if !s.cfg.Net.WS.Page {
		return nil
	}
	page := s.extension.Page
	if page == nil {
		page = web.Page()
	}
	s.page, err = web.Handler(page, s.cfg.Net.WS.Path)
	return err
}
