package config

import "sallyport/pure/access"

// AccessSpec is what a server's access model is compiled from, for questions such as
// "what if": edit it, and compile it again. False if there is no such server. The
// caller may change it as they like.
func (s *Snapshot) AccessSpec(server string) (spec access.Spec, known bool) {
	live := s.Servers[server]
	if live == nil {
		return spec, false
	}
	c := &checker{snapshot: s}
	return c.accessSpec(live.Server), true
}
