package server

import "aoiworld/web"

// assembleOperationPage makes what browsers are shown on the operator's port. It needs no token: it asks for one.
func (s *Server) assembleOperationPage() error {
	page, err := web.Handler(web.Operation(), s.cfg.Net.WS.Path)
	if err != nil {
		return err
	}
	s.ops.Handle("/", page)
	return nil
}

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
